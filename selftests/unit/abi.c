// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The ABI: golden layout, no padding, the same for 32-bit programs. */
#include "unit.h"

#include <ctype.h>
#include <libgen.h>

#include <abi.h>

static const struct {
	const char *name;
	size_t bytes;
	size_t golden;
} structs[] = {
#define STRUCT_ROW(s, golden) { #s, sizeof(struct s), golden },
	ABI_STRUCTS(STRUCT_ROW)
};

static const struct {
	const char *in;
	const char *name;
	size_t offset, bytes;
	size_t golden_offset, golden_bytes;
} fields[] = {
#define FIELD_ROW(s, f, golden_offset, golden_bytes)		\
	{ #s, #f, offsetof(struct s, f), sizeof(((struct s *)0)->f), \
	  golden_offset, golden_bytes },
	ABI_FIELDS(FIELD_ROW)
};

static const struct {
	const char *name;
	unsigned long number;
	unsigned long golden;
} commands[] = {
#define COMMAND_ROW(name, golden) { #name, name, golden },
	ABI_COMMANDS(COMMAND_ROW)
};

static const char * const numbers[] = {
#define NUMBER_ROW(name, golden) #name,
	ABI_NUMBERS(NUMBER_ROW)
};

TEST(golden_layout)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(structs); i++)
		CHECK(structs[i].bytes == structs[i].golden, "%s", structs[i].name);
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		CHECK(fields[i].offset == fields[i].golden_offset, "%s.%s",
		      fields[i].in, fields[i].name);
		CHECK(fields[i].bytes == fields[i].golden_bytes, "%s.%s",
		      fields[i].in, fields[i].name);
	}
}

/*
 * The fields of a struct follow each other without a gap up to its end. This
 * finds a field that was added to the header and not here as well.
 */
TEST(no_implicit_padding)
{
	size_t i, f;

	for (i = 0; i < ARRAY_SIZE(structs); i++) {
		size_t at = 0;

		for (f = 0; f < ARRAY_SIZE(fields); f++) {
			if (strcmp(fields[f].in, structs[i].name))
				continue;
			CHECK(fields[f].offset == at, "a hole before %s.%s",
			      fields[f].in, fields[f].name);
			at += fields[f].bytes;
		}
		CHECK(structs[i].bytes == at, "a hole at the end of %s",
		      structs[i].name);
	}
}

TEST(natural_alignment)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		size_t align = fields[i].golden_bytes == 4 ? 4 : 8;

		CHECK(fields[i].offset % align == 0, "%s.%s", fields[i].in,
		      fields[i].name);
	}
	for (i = 0; i < ARRAY_SIZE(structs); i++)
		CHECK(structs[i].bytes % 8 == 0, "%s", structs[i].name);
}

TEST(every_argument_begins_with_its_size)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (!strcmp(fields[i].name, "size"))
			CHECK(!fields[i].offset && fields[i].bytes == 4, "%s",
			      fields[i].in);
		else if (!strcmp(fields[i].name, "flags"))
			CHECK(fields[i].offset == 4 && fields[i].bytes == 4, "%s",
			      fields[i].in);
}

TEST(commands_golden_and_distinct)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		CHECK(commands[i].number == commands[i].golden, "%s",
		      commands[i].name);
		/* above what the VFS takes for itself */
		CHECK(_IOC_TYPE(commands[i].number) == RTFM_IOC_MAGIC, "%s",
		      commands[i].name);
		for (j = 0; j < i; j++)
			CHECK(commands[i].number != commands[j].number, "%s %s",
			      commands[i].name, commands[j].name);
	}
}

TEST(bits_do_not_overlap)
{
	static const __u64 bits[] = {
		RTFM_READY_LEVELS, RTFM_READY_TIME, RTFM_READY_LOOK,
		RTFM_READY_STOP, RTFM_READY_SLOW,
	};
	__u64 seen = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		EXPECT_EQ(0, seen & bits[i]);
		seen |= bits[i];
	}
	EXPECT_EQ(0, RTFM_READY_LEVELS & RTFM_READY_ATTENTION);
	EXPECT_EQ(RTFM_READY_ATTENTION & seen, seen & ~RTFM_READY_LEVELS);
	EXPECT_EQ(0, RTFM_CEILING_SLOW & RTFM_CEILING_LEVEL);
	EXPECT_EQ(RTFM_MAX_PRIORITY, RTFM_CEILING_LEVEL);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Does the header define a struct, a command or a number that has no row here? */
TEST(nothing_in_the_header_is_missing_here)
{
	char dir[256], path[320], line[1024], name[128];
	FILE *header;
	size_t i;

	snprintf(dir, sizeof(dir), "%s", __FILE__);
	snprintf(path, sizeof(path), "%s/../../uapi/linux/rtfm.h", dirname(dir));
	header = fopen(path, "r");
	if (!header)
		SKIP(return, "%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), header)) {
		bool found = false;
		char *end;

		if (sscanf(line, "struct %100s {", name) == 1) {
			for (i = 0; i < ARRAY_SIZE(structs); i++)
				found |= !strcmp(name, structs[i].name);
			CHECK(found, "struct %s", name);
		} else if (!strncmp(line, "#define RTFM_IOC_", 17) &&
			   strstr(line, "_IO(")) {
			for (end = line + 8; is_word(*end); end++)
				;
			*end = '\0';
			for (i = 0; i < ARRAY_SIZE(commands); i++)
				found |= !strcmp(line + 8, commands[i].name);
			CHECK(found, "command %s", line + 8);
		} else if (sscanf(line, "#define RTFM_%100[A-Z0-9_] %*[^\n]", name) == 1) {
			for (i = 0; i < ARRAY_SIZE(numbers); i++)
				found |= !strcmp(name, numbers[i] + strlen("RTFM_"));
			CHECK(found, "number RTFM_%s", name);
		}
	}
	fclose(header);
}

/* abi.h asserts everything when it is compiled: compile it with -m32. */
TEST(same_for_32_bit_programs)
{
	char dir[256], command[1024];
	const char *cc = getenv("CC");

	if (!cc)
		cc = "gcc";
	snprintf(command, sizeof(command),
		 "echo '#include <stdint.h>\n#include <asm/types.h>' | %s -m32 -x c -fsyntax-only - 2>/dev/null",
		 cc);
	if (system(command))
		SKIP(return, "%s cannot compile for 32 bits (gcc-multilib?)", cc);
	snprintf(dir, sizeof(dir), "%s", __FILE__);
	dirname(dir);
	snprintf(command, sizeof(command), "test -r '%s/../../kmod/pure/abi.h'", dir);
	if (system(command))
		SKIP(return, "%s/../../kmod/pure/abi.h: not here", dir);
	snprintf(command, sizeof(command),
		 "%s -m32 -std=gnu11 -x c -fsyntax-only -I'%s/../../uapi' '%s/../../kmod/pure/abi.h'",
		 cc, dir, dir);
	EXPECT_EQ(0, system(command));
}

TEST_HARNESS_MAIN
