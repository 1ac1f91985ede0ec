/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Store buffers: what x86 does to the order of memory accesses.
 *
 * A store goes into a queue of its CPU and from there to memory, in order, at
 * some later time; a load of the same CPU sees its own stores first, those of
 * others when they have reached memory. A fence, and an atomic operation, empties
 * the queue. An interrupt or a signal handler uses the queue of its CPU, and so
 * sees program order.
 *
 * Before this is included: CPUS, VARS, and DEPTH, the longest queue.
 */
byte mem[VARS];
byte newest[CPUS * VARS];	/* of what is queued; 0 if nothing is */
byte queued[CPUS * VARS];
chan buffer[CPUS] = [DEPTH] of { byte, byte };

#define LOAD(cpu, var)							\
	(queued[(cpu) * VARS + (var)] ->				\
	 newest[(cpu) * VARS + (var)] : mem[var])

inline STORE(cpu, var, value)
{
	d_step {
		nfull(buffer[cpu]);
		newest[(cpu) * VARS + (var)] = value;
		queued[(cpu) * VARS + (var)]++;
		buffer[cpu]!var, newest[(cpu) * VARS + (var)]
	}
}

hidden byte to_var, to_value;

inline DRAIN_ONE(cpu)
{
	buffer[cpu]?to_var, to_value;
	mem[to_var] = to_value;
	queued[(cpu) * VARS + to_var]--;
	if
	:: queued[(cpu) * VARS + to_var] == 0 -> newest[(cpu) * VARS + to_var] = 0
	:: else
	fi
}

/*
 * At once: what reaches memory before a fence, with other CPUs in between, is
 * what the memory process below does before it.
 */
inline FENCE(cpu)
{
	d_step {
		do
		:: nempty(buffer[cpu]) -> DRAIN_ONE(cpu)
		:: empty(buffer[cpu]) -> break
		od
	}
}

/* Atomic operations, each a full fence. */
inline EXCHANGE(cpu, var, value, old)
{
	atomic {
		FENCE(cpu);
		old = mem[var];
		mem[var] = value
	}
}

inline ATOMIC_OR(cpu, var, bits)
{
	atomic {
		FENCE(cpu);
		mem[var] = mem[var] | (bits)
	}
}

/* The pids of these are 0 to CPUS - 1: include this first. */
active [CPUS] proctype memory()
{
end:
	do
	:: d_step { nempty(buffer[_pid]) -> DRAIN_ONE(_pid) }
	od
}
