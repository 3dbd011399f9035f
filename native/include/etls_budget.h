/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Limits, each with unit, range and what it costs. The values are those of profile full, and of
 * small where it differs. native/tools/generate.mjs writes modules/budget.gen.ts from them.
 */
#ifndef ETLS_BUDGET_H
#define ETLS_BUDGET_H

/**
 * Connections and contexts together; 2 to 100. Each costs 20 bytes of the arena, used or not.
 */
#if !defined(ETLS_MAX_HANDLES)
#if defined(ETLS_PROFILE_SMALL)
#define ETLS_MAX_HANDLES 12
#else
#define ETLS_MAX_HANDLES 80
#endif
#endif

/**
 * Bytes of an arena that are used, at most; the allocator counts no further. What etls_open() takes
 * at least is ETLS_STAT_LEAST_ARENA. docs/MEMORY.md tells how to choose.
 */
#define ETLS_MAX_ARENA 134217720

/** Bytes of one certificate that is loaded as trust anchor, 1 to 65535. It costs its length, or nothing in place. */
#define ETLS_MAX_CERTIFICATE 65535

/** Certificates that a peer may send, and that a path may have below the trust anchor; 1 to 20. Each costs about 500 bytes and its own size. */
#define ETLS_MAX_CHAIN 10

/** Bytes of plaintext in one record that is received; RFC 8446 section 5.1 allows 16384. */
#define ETLS_MAX_RECORD_IN 16384

/**
 * Bytes of plaintext in one record that is sent; 512 to 16384. It exists only while it is being
 * sent, and costs its length and 45 bytes. It also bounds an own certificate chain.
 */
#define ETLS_MAX_RECORD_OUT 16384

/**
 * Bytes of plaintext in a record that the peer is asked to keep to, by the arena's size: all of
 * 16,384 when there is room for that beside a handshake, otherwise less (RFC 6066 section 4, RFC
 * 8449). Asking costs a few bytes; peers may ignore it, and their records are taken as long as
 * there is memory. ETLS_OPTION_MAX_FRAGMENT overrides it.
 */
#define ETLS_ASK_FRAGMENT(arena) ((arena) >= 28672u ? 16384u : (arena) >= 16384u ? 4096u : 1024u)

/**
 * KeyUpdates of TLS 1.3 that a peer may send without data in between; 1 to 255. Each costs time, no
 * memory that stays.
 */
#define ETLS_MAX_KEY_UPDATES 32

/** Bytes of a host name: RFC 1035 section 2.3.4. */
#define ETLS_MAX_HOST 253

/**
 * No clock may be before this: seconds since 1970 of 2026-01-01, before the first release. A clock that
 * says less was never set.
 */
#define ETLS_EARLIEST_TIME 1767225600

/** Noise sources of a port; each costs 20 bytes of the arena, used or not. */
#define ETLS_MAX_SOURCES 2

/** Samples of a source that have to pass before the first is relied upon: NIST SP 800-90B section 4.3. */
#define ETLS_STARTUP_SAMPLES 1024

/**
 * When the random generator is seeded anew (NIST SP 800-90A section 9.2), whichever comes first: requests
 * that it has answered (a handshake makes 10 to 100), and seconds.
 */
#define ETLS_RESEED_REQUESTS 1024
#define ETLS_RESEED_SECONDS 3600

#endif
