// SPDX-License-Identifier: Apache-2.0
// Written by native/tools/generate.mjs from native/include/etls_budget.h; do not edit.

/**
 * Limits of the C core.
 *
 * @module
 */

/**
 * Bytes of an arena that are used, at most; the allocator counts no further. What etls_open() takes
 * at least is ETLS_STAT_LEAST_ARENA. docs/MEMORY.md tells how to choose.
 */
export const MAX_ARENA = 134217720;
/** Bytes of one certificate that is loaded as trust anchor, 1 to 65535. It costs its length, or nothing in place. */
export const MAX_CERTIFICATE = 65535;
/** Certificates that a peer may send, and that a path may have below the trust anchor; 1 to 20. Each costs about 500 bytes and its own size. */
export const MAX_CHAIN = 10;
/** Bytes of plaintext in one record that is received; RFC 8446 section 5.1 allows 16384. */
export const MAX_RECORD_IN = 16384;
/**
 * Bytes of plaintext in one record that is sent; 512 to 16384. It exists only while it is being
 * sent, and costs its length and 45 bytes. It also bounds an own certificate chain.
 */
export const MAX_RECORD_OUT = 16384;
/**
 * KeyUpdates of TLS 1.3 that a peer may send without data in between; 1 to 255. Each costs time, no
 * memory that stays.
 */
export const MAX_KEY_UPDATES = 32;
/** Bytes of a host name: RFC 1035 section 2.3.4. */
export const MAX_HOST = 253;
/**
 * No clock may be before this: seconds since 1970 of 2026-01-01, before the first release. A clock that
 * says less was never set.
 */
export const EARLIEST_TIME = 1767225600;
/** Noise sources of a port; each costs 20 bytes of the arena, used or not. */
export const MAX_SOURCES = 2;
/** Samples of a source that have to pass before the first is relied upon: NIST SP 800-90B section 4.3. */
export const STARTUP_SAMPLES = 1024;
/**
 * When the random generator is seeded anew (NIST SP 800-90A section 9.2), whichever comes first: requests
 * that it has answered (a handshake makes 10 to 100), and seconds.
 */
export const RESEED_REQUESTS = 1024;
