// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Counts instructions without an emulator: single-steps a benchmark, and replaces the result
 * of each rdtscp by the number of instructions so far. User mode only: a system call counts
 * as one instruction. The other threads of the program run freely.
 *
 *	step [-p] program --insn ...
 *
 * -p: print on stderr which addresses were executed between two readings that are less than
 * 1000 instructions apart, and how often: offsets into the program, for addr2line or objdump.
 */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHORT		1000
#define TEXT		(1u << 20)

struct map {
	uint64_t start, end;
};

static struct map vdso, program;
static uint64_t count, since[SHORT], nsince;
static unsigned int *profile;

static void find_maps(pid_t pid)
{
	char path[64], line[512];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "r");
	if (!maps)
		return;
	while (fgets(line, sizeof(line), maps)) {
		struct map map;

		if (sscanf(line, "%lx-%lx", &map.start, &map.end) != 2)
			continue;
		if (strstr(line, "[vdso]"))
			vdso = map;
		if (!program.start)
			program.start = map.start;
	}
	program.end = program.start + TEXT;
	fclose(maps);
}

static bool in(const struct map *map, uint64_t ip)
{
	return ip >= map->start && ip < map->end;
}

/* Two readings have ended a stretch: keep where it went if it was short. */
static void end_stretch(void)
{
	uint64_t i;

	for (i = 0; nsince < SHORT && i < nsince; i++)
		if (in(&program, since[i]))
			profile[since[i] - program.start]++;
	nsince = 0;
}

static void note(uint64_t ip)
{
	if (nsince < SHORT)
		since[nsince++] = ip;
}

/* Do rdtscp in the kernel's stead. */
static bool read_counter(pid_t pid, struct user_regs_struct *regs)
{
	long code;

	if (in(&vdso, regs->rip))
		return false;
	errno = 0;
	code = ptrace(PTRACE_PEEKTEXT, pid, regs->rip, 0);
	if (errno || (code & 0xffffff) != 0xf9010f)
		return false;
	count++;
	regs->rax = count & UINT32_MAX;
	regs->rdx = count >> 32;
	regs->rcx = 0;
	regs->rip += 3;
	return !ptrace(PTRACE_SETREGS, pid, 0, regs);
}

static int step(pid_t pid)
{
	int status, sig = 0;

	waitpid(pid, &status, 0);
	find_maps(pid);
	for (;;) {
		struct user_regs_struct regs;

		if (!sig && !ptrace(PTRACE_GETREGS, pid, 0, &regs)) {
			if (read_counter(pid, &regs)) {
				end_stretch();
				continue;
			}
			note(regs.rip);
			count++;
		}
		if (ptrace(PTRACE_SINGLESTEP, pid, 0, sig))
			perror("step");
		if (waitpid(pid, &status, 0) < 0 || WIFEXITED(status) || WIFSIGNALED(status))
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
		sig = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		if (!vdso.start)
			find_maps(pid);
	}
}

int main(int argc, char **argv)
{
	bool show = argc > 1 && !strcmp(argv[1], "-p");
	int status;
	pid_t pid;

	argv += 1 + show;
	if (!*argv) {
		fprintf(stderr, "usage: step [-p] program --insn ...\n");
		return 2;
	}
	profile = calloc(TEXT, sizeof(*profile));
	pid = fork();
	if (!pid) {
		personality(ADDR_NO_RANDOMIZE);
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execv(*argv, argv);
		perror(*argv);
		_exit(127);
	}
	status = step(pid);
	for (unsigned int at = 0; show && at < TEXT; at++)
		if (profile[at])
			fprintf(stderr, "%#x %u\n", at, profile[at]);
	return status;
}
