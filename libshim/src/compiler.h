/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which symbols leave a file, and the library; what must be inlined. */
#ifndef RTFM_SRC_COMPILER_H
#define RTFM_SRC_COMPILER_H

#define INTERNAL __attribute__((visibility("hidden")))	/* other files of libshim use it */
#define PUBLIC	 __attribute__((visibility("default")))	/* applications use it */

/* What runs between two jobs: inlined as a whole, whatever the compiler thinks of its size. */
#define HOT __attribute__((always_inline))

#endif /* RTFM_SRC_COMPILER_H */
