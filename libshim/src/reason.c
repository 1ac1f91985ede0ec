// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Why the system refused something. The answer of the call is not enough: EPERM comes
 * from a missing capability, a capability of a user namespace, a seccomp filter and a
 * control group without real-time runtime. What decides is asked here; a user id never
 * does.
 */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "reason.h"

static bool first_line(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "re");
	bool read;

	if (!file)
		return false;
	read = fgets(line, size, file);
	fclose(file);
	return read;
}

/* In a user namespace a capability says nothing to the scheduler, nor to mlock(). */
static bool in_user_namespace(void)
{
	unsigned long outside, count;
	char line[64], *at = line;

	if (!first_line("/proc/self/uid_map", line, sizeof(line)))
		return false;
	strtoul(at, &at, 10);
	outside = strtoul(at, &at, 10);
	count = strtoul(at, &at, 10);
	return outside || count != 4294967295;
}

bool reason_capable(unsigned int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2] = { { 0 } };

	return !in_user_namespace() && !syscall(SYS_capget, &header, caps) &&
	       caps[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

/* Docker, podman, systemd-nspawn; others are not recognized. */
static bool in_container(void)
{
	return !access("/.dockerenv", F_OK) || !access("/run/.containerenv", F_OK) ||
	       !access("/run/systemd/container", F_OK);
}

static bool is_filtered(void)
{
	return prctl(PR_GET_SECCOMP) == 2;
}

/* What needs no right, and changes nothing: only a filter refuses it. */
static bool scheduler_is_filtered(void)
{
	struct sched_param param = { 0 };
	int policy = (int)syscall(SYS_sched_getscheduler, 0);

	return is_filtered() && (policy < 0 || syscall(SYS_sched_getparam, 0, &param) ||
				 syscall(SYS_sched_setscheduler, 0, policy, &param));
}

static const char *holds(bool capable, const char *capability, const char *limit)
{
	return capable ? capability : limit;
}

#define FILTER \
	"a seccomp filter refuses it: of the container's runtime (--security-opt seccomp=), or of SystemCallFilter= or RestrictRealtime= of the systemd unit"

void reason_priority(char *text, size_t size, int err, int priority)
{
	bool foreign = in_user_namespace();
	bool capable = reason_capable(CAP_SYS_NICE);
	struct rlimit limit = { 0, 0 };
	bool enough;

	getrlimit(RLIMIT_RTPRIO, &limit);
	enough = limit.rlim_cur >= (rlim_t)priority;
	if (err != EPERM)
		snprintf(text, size, "%s", strerror(err));
	else if (scheduler_is_filtered())
		snprintf(text, size, FILTER);
	else if (!capable && !enough)
		snprintf(text, size, "%s, and RLIMIT_RTPRIO is %lu: %s%d%s",
			 foreign ? "no CAP_SYS_NICE outside of this user namespace" :
			 "no CAP_SYS_NICE",
			 (unsigned long)limit.rlim_cur, in_container() ?
			 "start the container with --ulimit rtprio=" :
			 "set rtprio in /etc/security/limits.conf, or LimitRTPRIO= in the systemd unit, to ",
			 priority, in_container() ?
			 (foreign ? "" : " or --cap-add=SYS_NICE") :
			 ", or setcap cap_sys_nice+ep the program");
	else if (is_filtered())
		snprintf(text, size, "although there is %s, " FILTER,
			 holds(capable, "CAP_SYS_NICE", "RLIMIT_RTPRIO"));
	else
		snprintf(text, size,
			 "although there is %s: RT_GROUP_SCHED gives this control group no real-time runtime, set its cpu.rt_runtime_us, or run outside of it",
			 holds(capable, "CAP_SYS_NICE", "RLIMIT_RTPRIO"));
}

void reason_memory(char *text, size_t size, int err)
{
	bool capable = reason_capable(CAP_IPC_LOCK);
	struct rlimit limit = { 0, 0 };

	getrlimit(RLIMIT_MEMLOCK, &limit);
	if (err != EPERM && err != ENOMEM && err != EAGAIN)
		snprintf(text, size, "%s", strerror(err));
	else if (!capable && limit.rlim_cur != RLIM_INFINITY && (limit.rlim_cur || !is_filtered()))
		snprintf(text, size, "no CAP_IPC_LOCK, and RLIMIT_MEMLOCK is %lu KiB: %s",
			 (unsigned long)(limit.rlim_cur / 1024), in_container() ?
			 "start the container with --ulimit memlock=-1" :
			 "set memlock in /etc/security/limits.conf, or LimitMEMLOCK= in the systemd unit, or setcap cap_ipc_lock+ep the program");
	else if (err == EPERM && is_filtered())
		snprintf(text, size, FILTER);
	else
		snprintf(text, size, "%s, although there is %s", strerror(err),
			 holds(capable, "CAP_IPC_LOCK", "RLIMIT_MEMLOCK"));
}

static bool is_offline(int cpu)
{
	char path[64], online = '1';
	FILE *file;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (fread(&online, 1, 1, file) != 1)
		online = '1';
	fclose(file);
	return online == '0';
}

void reason_cpu(char *text, size_t size, int err, int cpu)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d", cpu);
	if (err == EPERM)
		snprintf(text, size, "%s", is_filtered() ? FILTER : strerror(err));
	else if (err != EINVAL)
		snprintf(text, size, "%s", strerror(err));
	else if (!access("/sys/devices/system/cpu", F_OK) && access(path, F_OK))
		snprintf(text, size, "there is no such CPU: name another in RTFM_CPUS");
	else if (is_offline(cpu))
		snprintf(text, size, "it is offline: name another in RTFM_CPUS");
	else
		snprintf(text, size,
			 "it is not in the cpuset of this process: %s, or name another in RTFM_CPUS",
			 in_container() ? "start the container with --cpuset-cpus=" :
			 "set cpuset.cpus of the control group (AllowedCPUs= in the systemd unit)");
}

/* The name of a group, from the file alone: no service switch, no allocation. */
static void group_name(char *name, size_t size, unsigned long group)
{
	FILE *file = fopen("/etc/group", "re");
	char line[512], *end, *id;

	snprintf(name, size, "%lu", group);
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		/* name:password:id:members */
		end = strchr(line, ':');
		id = end ? strchr(end + 1, ':') : NULL;
		if (id && id[1] >= '0' && id[1] <= '9' && strtoul(id + 1, NULL, 10) == group)
			snprintf(name, size, "%.*s", (int)(end - line), line);
	}
	fclose(file);
}

/* The offsets in /proc are those that children get: they are ours if we are in that one. */
static bool is_in_childrens(void)
{
	char ours[64] = "", childrens[64] = "";

	return readlink("/proc/self/ns/time", ours, sizeof(ours) - 1) > 0 &&
	       readlink("/proc/self/ns/time_for_children", childrens, sizeof(childrens) - 1) > 0 &&
	       !strcmp(strchr(ours, ':') ?: ours, strchr(childrens, ':') ?: childrens);
}

long reason_clock_offset(void)
{
	static const char clock[] = "monotonic";
	long seconds, ns;
	char line[64], *at;

	if (!first_line("/proc/self/timens_offsets", line, sizeof(line)) ||
	    strncmp(line, clock, sizeof(clock) - 1) != 0)
		return 0;
	seconds = strtol(line + sizeof(clock) - 1, &at, 10);
	ns = strtol(at, &at, 10);
	if (!is_in_childrens())
		return 0;
	/* ns is never negative: -0.5 s is -1 s and 500,000,000 ns */
	return seconds >= 0 && ns ? seconds + 1 : seconds;
}

void reason_device(char *text, size_t size, int err)
{
	char group[40];
	struct stat st;

	if (err == ENOENT) {
		snprintf(text, size, "%s (is rtfm.ko loaded?%s)", strerror(err),
			 in_container() ? " has the container --device /dev/rtfm?" : "");
	} else if (err == EPERM) {
		snprintf(text, size, "%s: %s", strerror(err), in_container() ?
			 "start the container with --device /dev/rtfm" :
			 "the control group does not have the device (DeviceAllow=/dev/rtfm in the systemd unit)");
	} else if (err == EACCES && !stat("/dev/rtfm", &st)) {
		group_name(group, sizeof(group), st.st_gid);
		snprintf(text, size, "%s: the device belongs to group %s (mode %04o): %s",
			 strerror(err), group, (unsigned int)st.st_mode & 07777,
			 st.st_gid && st.st_mode & 060 ?
			 "join that group, or start the container with --group-add" :
			 "give it to a group (chgrp, chmod 660, or the udev rule of the package)");
	} else {
		snprintf(text, size, "%s", strerror(err));
	}
}
