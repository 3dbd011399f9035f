/* SPDX-License-Identifier: Apache-2.0 */
/**
 * espruino-tls: the C ABI. This header is the manual; docs/ABI.md tells how to read it from
 * JavaScript.
 *
 * What it is. TLS 1.2 and 1.3 over any byte stream, with no I/O of its own: the host feeds
 * ciphertext in and takes ciphertext out. It calls nobody back except for entropy and time
 * (etls_port.h), and never blocks.
 *
 * Memory. Everything lives in one arena that the caller hands to etls_open(): handles, contexts,
 * sessions, record buffers. Nothing outside it is written but the C stack and a few hundred bytes
 * of static data. When it is full, the operation that asked fails with ETLS_ERR_OUT_OF_MEMORY and
 * leaves nothing behind; the others go on.
 *
 * Types. Every function takes at most four 32-bit values and returns a signed 32-bit one: 0 or
 * more is the result, a negative one an error code (etls_errors.h). Handles are positive and never
 * used twice within 2^22 allocations; a freed, foreign or made-up handle is an error.
 *
 * Threads. One core is one thread's.
 *
 * A connection, in the order of calls:
 *
 *   etls_open, etls_context_new, etls_context_add_ca, etls_session_new
 *   loop: etls_session_step tells in its flags what to do:
 *     ETLS_HAS_OUTPUT  send the bytes at OUTPUT_DATA/OUTPUT_SIZE, then etls_session_sent
 *     ETLS_HAS_DATA    use the bytes at DATA/DATA_SIZE, then etls_session_read
 *     ETLS_WANT_INPUT  etls_session_feed with what the network brings
 *     ETLS_AGAIN       call step again, now or after other work
 *   etls_session_write sends; etls_session_shutdown says goodbye; etls_session_free.
 */
#ifndef ETLS_H
#define ETLS_H

#include "etls_budget.h"
#include "etls_errors.h"

#include <stdint.h>

/** Changes with every change of this header that a caller could notice. */
#define ETLS_ABI_VERSION 2

/** One arena with everything in it. Its address is that of the arena. */
typedef struct etls_core etls_core;

/** Returns ETLS_ABI_VERSION. `core` may be null. */
int32_t etls_abi(etls_core *core);

/**
 * Makes a core in the `size` bytes at `arena`, which the caller owns, keeps in place and does not
 * touch until etls_close(). 8-aligned; the least size is given by ETLS_STAT_LEAST_ARENA.
 * One core can be open at a time: on a board one in each arena, elsewhere one in all.
 *
 * Errors: BAD_ARENA, BAD_STATE (another is open). A host that has started anew on a board, without
 * etls_close(), sets the first 4 bytes of the arena to 0 before this call.
 */
int32_t etls_open(etls_core *arena, uint32_t size);

/** Frees everything, wipes the whole arena. Every handle is void. Errors: BAD_CORE. */
int32_t etls_close(etls_core *core);

/**
 * Tells the time, for ports that have no clock of their own: milliseconds since 1970-01-01 UTC in two
 * halves; 0, 0 unsets it. Ports with a timer go on from there, on the others (stm32f4) it stands still
 * until the next call. Errors: BAD_CORE.
 */
int32_t etls_clock_set(etls_core *core, uint32_t low, uint32_t high);

/* ---- statistics ------------------------------------------------------------------------- */

/** What etls_stat() can tell. Bytes include the allocator's own. */
enum etls_stat_id {
    ETLS_STAT_ARENA = 1,          /* bytes given to etls_open() */
    ETLS_STAT_OVERHEAD = 2,       /* bytes of it that hold the core itself */
    ETLS_STAT_IN_USE = 3,         /* bytes in use now, beyond the overhead */
    ETLS_STAT_PEAK = 4,           /* the most that were in use since etls_stat_reset() */
    ETLS_STAT_FREE = 5,           /* bytes free, in pieces */
    ETLS_STAT_LARGEST_FREE = 6,   /* the largest of those pieces */
    ETLS_STAT_REFUSED = 7,        /* allocations refused since etls_stat_reset() */
    ETLS_STAT_LARGEST_REFUSED = 8, /* the largest of those, bytes */
    ETLS_STAT_ALLOCATIONS = 9,    /* allocations since etls_stat_reset() */
    ETLS_STAT_BLOCKS = 10,        /* allocations alive now */
    ETLS_STAT_HANDLES = 11,       /* handles alive now */
    ETLS_STAT_LEAST_ARENA = 12,   /* the least size that etls_open() takes; `core` may be null */
    ETLS_STAT_LAST_REFUSED = 13,  /* the last allocation refused, bytes … */
    ETLS_STAT_LAST_FREE = 14,     /* … what was free at that moment, in all … */
    ETLS_STAT_LAST_LARGEST = 15,  /* … and in one piece */
    ETLS_STAT_PEAK_SETUP = 16,    /* the most in use, by phase: contexts and sessions are made, */
    ETLS_STAT_PEAK_HELLO = 17,    /* hellos are exchanged, */
    ETLS_STAT_PEAK_CERTIFICATE = 18, /* the peer's chain is read and verified, */
    ETLS_STAT_PEAK_KEY_EXCHANGE = 19, /* keys are agreed and signed, the handshake finished, */
    ETLS_STAT_PEAK_DATA = 20,     /* data is sent and received */
    ETLS_STAT_MAX_HANDLES = 21,   /* the most handles that can be alive: ETLS_MAX_HANDLES */
    ETLS_STAT_TRACE = 22,         /* a hash of place and size of all allocations and releases, in their order */
    ETLS_STAT_SIGNATURES = 23     /* signatures made and verified since etls_stat_reset(), at most 65535 */
};

/**
 * Returns a statistic of the whole arena, or of one context or session when `handle` is not 0
 * (IN_USE, PEAK and ALLOCATIONS only). Errors: BAD_CORE, BAD_ARGUMENT, BAD_HANDLE, STALE_HANDLE.
 */
int32_t etls_stat(etls_core *core, uint32_t stat, int32_t handle);

/** Sets PEAK to IN_USE and the counters to 0, for the arena and all its handles. */
int32_t etls_stat_reset(etls_core *core);

/**
 * For tests of what a program does when memory runs out: the `count`-th allocation from now is
 * refused, once; 0 takes that back. Returns how many were still to come. Errors: BAD_CORE.
 */
int32_t etls_fault(etls_core *core, uint32_t count);

/* ---- contexts: trust, identity, policy, shared by many sessions ---------------------------- */

/** The role of the sessions made from a context. */
enum etls_role { ETLS_CLIENT = 0, ETLS_SERVER = 1 };

/** What etls_context_set() can set. */
enum etls_option {
    ETLS_OPTION_MIN_VERSION = 1, /* 0x0303 TLS 1.2 (default), 0x0304 TLS 1.3 */
    ETLS_OPTION_MAX_VERSION = 2, /* likewise; default: the highest of the profile */
    ETLS_OPTION_VERIFY = 3,      /* enum etls_verify; default REQUIRED for clients, NONE for servers */
    ETLS_OPTION_PEER_INFO = 4,   /* what reports keep: 0 nothing, 1 the peer's certificate (default), 2 the chain */
    ETLS_OPTION_IN_PLACE = 5,    /* 1: DER added from now on is not copied; it stays there, unchanged, while the context lives */
    ETLS_OPTION_MAX_FRAGMENT = 6, /* plaintext that the peer is asked to send in a record at most: 512, 1024, 2048, 4096, or
                                    16384 (does not ask); default by the arena's size, see ETLS_ASK_FRAGMENT */
    ETLS_OPTION_TIME = 7,        /* certificates are judged as of this time, seconds since 1970; 0 (default): the clock */
    ETLS_OPTION_MAX_PATH = 8,    /* intermediates between the peer's certificate and a trust anchor, those that issued
                                    themselves not counted: 0 to ETLS_MAX_CHAIN, the default */
    ETLS_OPTION_SESSIONS = 9     /* clients, 1: ask for sessions that can be resumed, hand them out, and allow
                                    etls_session_offer(); default 0 */
};

/** How a session treats the peer's certificate. */
enum etls_verify {
    ETLS_VERIFY_NONE = 0,     /* servers: do not ask for one. Clients: same as OPTIONAL */
    ETLS_VERIFY_OPTIONAL = 1, /* check it and go on; the result is ETLS_GET_VERIFY_ERROR */
    ETLS_VERIFY_REQUIRED = 2  /* refuse the peer */
};

/**
 * Makes a context; `role` is an etls_role. Returns its handle.
 * Errors: BAD_CORE, BAD_ARGUMENT, UNSUPPORTED, OUT_OF_MEMORY, TOO_MANY_HANDLES.
 */
int32_t etls_context_new(etls_core *core, uint32_t role);

/** Sets an etls_option. Errors: BAD_OPTION, BAD_STATE (a session was made already), handle errors. */
int32_t etls_context_set(etls_core *core, int32_t context, uint32_t option, uint32_t value);

/**
 * Adds a trust anchor: one DER certificate (RFC 5280), copied unless IN_PLACE is set. It is parsed here once to
 * check it, and again whenever a chain asks for it; in between only the DER is held.
 * Errors: BAD_CERTIFICATE, OUT_OF_MEMORY, handle errors.
 */
int32_t etls_context_add_ca(etls_core *core, int32_t context, const uint8_t *der, uint32_t length);

/**
 * Adds a trust bundle: many anchors in one block (docs/TRUST-STORE.md), copied unless IN_PLACE is set. It is
 * checked here, and searched whenever a chain asks for an issuer; only that one's key is parsed then.
 * Errors: BAD_BUNDLE, OUT_OF_MEMORY, handle errors.
 */
int32_t etls_context_add_bundle(etls_core *core, int32_t context, const uint8_t *bundle,
                                uint32_t length);

/** Adds a certificate of the own chain, leaf first, DER, copied. Errors as etls_context_add_ca(), and UNSUPPORTED. */
int32_t etls_context_add_cert(etls_core *core, int32_t context, const uint8_t *der,
                              uint32_t length);

/**
 * Sets the private key of the own leaf, DER: PKCS#8, SEC1 or PKCS#1, unencrypted, copied. The
 * leaf must have been added. Errors: BAD_KEY, KEY_MISMATCH, BAD_STATE, OUT_OF_MEMORY, UNSUPPORTED, handle errors.
 */
int32_t etls_context_set_key(etls_core *core, int32_t context, const uint8_t *der, uint32_t length);

/** Offers (client) or accepts (server) an ALPN protocol, best first: RFC 7301. Errors: BAD_ALPN. */
int32_t etls_context_add_alpn(etls_core *core, int32_t context, const uint8_t *name,
                              uint32_t length);

/**
 * Frees a context. Its handle is void at once; sessions made from it go on, and the memory
 * returns with the last of them. Errors: handle errors.
 */
int32_t etls_context_free(etls_core *core, int32_t context);

/* ---- sessions: one connection each --------------------------------------------------------- */

/** What etls_session_step() says, as bits. */
enum etls_state {
    ETLS_WANT_INPUT = 1,   /* nothing more can happen without ciphertext from the peer */
    ETLS_HAS_OUTPUT = 2,   /* ciphertext waits to be sent; nothing else goes on until it is */
    ETLS_HAS_DATA = 4,     /* plaintext waits to be read; no further input is taken until it is */
    ETLS_ESTABLISHED = 8,  /* the handshake is over, the peer verified */
    ETLS_PEER_CLOSED = 16, /* the peer sent close_notify: no more data comes */
    ETLS_CLOSED = 32,      /* close_notify was sent: no more data can be written */
    ETLS_AGAIN = 64,       /* there is more to do at once: call again */
    ETLS_HAS_SESSION = 128 /* a session that can be resumed waits to be taken, and takes memory until then */
};

/** What etls_session_get() can tell. */
enum etls_get {
    ETLS_GET_OUTPUT_DATA = 1,  /* address of the ciphertext to send, good until the next call */
    ETLS_GET_OUTPUT_SIZE = 2,  /* its length in bytes */
    ETLS_GET_DATA = 3,         /* address of the plaintext to read, good until the next call */
    ETLS_GET_DATA_SIZE = 4,    /* its length in bytes */
    ETLS_GET_VERSION = 5,      /* 0x0303, 0x0304, or 0 before it is agreed */
    ETLS_GET_CIPHER = 6,       /* IANA number of the cipher suite, 0 before it is agreed */
    ETLS_GET_VERIFY_FLAGS = 7, /* etls_flag bits of the peer's certificate, 0 when it is good */
    ETLS_GET_VERIFY_ERROR = 8, /* the error that these mean, 0 when it is good */
    ETLS_GET_ERROR = 9,        /* why the session failed, 0 while it has not */
    ETLS_GET_MBEDTLS_ERROR = 10, /* the code of Mbed TLS behind it, for reports */
    ETLS_GET_PHASE = 11,       /* Mbed TLS's handshake state, for reports */
    ETLS_GET_MAX_WRITE = 12,   /* bytes of plaintext that one etls_session_write() takes at most */
    ETLS_GET_RECORD_SIZE = 13, /* bytes of the last record that came in, as its header says */
    ETLS_GET_SESSION_DATA = 14, /* address of a session that can be resumed, good until the next call; secret */
    ETLS_GET_SESSION_SIZE = 15, /* its length in bytes, 0 when there is none */
    ETLS_GET_RESUMED = 16      /* 1 when the handshake resumed the session that was offered */
};

/**
 * Makes a session. Clients give the host name or IP address of the server: it is sent as SNI
 * (names only, RFC 6066 section 3) and the certificate is checked against it. Servers give null, 0.
 *
 * Checked here, before anything is sent: NO_TRUST_ANCHOR, NO_HOST_NAME (both only when verification is
 * REQUIRED), BAD_HOST_NAME, NO_CERTIFICATE (server), NO_CLOCK (when a certificate is to be checked),
 * NO_ENTROPY, ENTROPY_FAILED. Others: OUT_OF_MEMORY, TOO_MANY_HANDLES, handle errors.
 */
int32_t etls_session_new(etls_core *core, int32_t context, const uint8_t *host, uint32_t length);

/**
 * Goes on as far as one handshake step or one record. Returns etls_state bits, or the error that
 * ended the session; after an error an alert may wait to be sent, see ETLS_GET_OUTPUT_SIZE.
 * An error stays: each further call returns it again.
 */
int32_t etls_session_step(etls_core *core, int32_t session);

/**
 * Takes ciphertext: up to the end of one record, straight into the buffer of that record. Returns
 * how many bytes were taken, 0 when a record waits for etls_session_step(). Errors: NOT_TLS, RECORD_TOO_LARGE,
 * OUT_OF_MEMORY (each ends the session), handle errors.
 */
int32_t etls_session_feed(etls_core *core, int32_t session, const uint8_t *data, uint32_t length);

/**
 * Tells that the transport has ended. Returns 0 if the peer had said goodbye.
 * Errors: TRUNCATED, CONNECTION_CLOSED, handle errors.
 */
int32_t etls_session_eof(etls_core *core, int32_t session);

/** Tells that `length` bytes of the output were sent. Returns how many remain. */
int32_t etls_session_sent(etls_core *core, int32_t session, uint32_t length);

/** Tells that `length` bytes of the data were read; they are wiped. Returns how many remain. */
int32_t etls_session_read(etls_core *core, int32_t session, uint32_t length);

/**
 * Encrypts plaintext into one record. Returns how many bytes were taken: at most
 * ETLS_GET_MAX_WRITE, 0 while output waits. Errors: BAD_STATE (not established or shut down), OUT_OF_MEMORY (the session goes on, nothing was
 * written), handle errors.
 */
int32_t etls_session_write(etls_core *core, int32_t session, const uint8_t *data, uint32_t length);

/** Sends close_notify; call again with nothing else done when it returns ETLS_HAS_OUTPUT set
 * without ETLS_CLOSED. Returns etls_state bits. */
int32_t etls_session_shutdown(etls_core *core, int32_t session);

/** Returns an etls_get value. Errors: BAD_ARGUMENT, handle errors. */
int32_t etls_session_get(etls_core *core, int32_t session, uint32_t what);

/**
 * Judges a stored chain as if the peer had sent it, offline: by exactly the code, the trust anchors, the host
 * and the clock that a handshake of this session would use. `chain` is DER certificates one behind the other: the
 * peer's own first, all others in any order. Returns 0 when it is good, otherwise the error that the handshake
 * would end with; ETLS_GET_VERIFY_FLAGS and the reports tell more. The session can do nothing else afterwards.
 * Errors: BAD_STATE (it was used already), DECODE_ERROR (not DER), CERT_…, OUT_OF_MEMORY, handle errors.
 */
int32_t etls_session_verify(etls_core *core, int32_t session, const uint8_t *chain,
                            uint32_t length);

/**
 * Offers a session that was saved: it came from ETLS_GET_SESSION_DATA of an earlier connection, perhaps
 * before a restart. Right after etls_session_new(), of a context with ETLS_OPTION_SESSIONS. Whether the server agrees is
 * seen in ETLS_GET_RESUMED; if not, or when an error is returned here, the handshake is a full one. A resumed
 * one checks no certificate: what was found in the full one holds, also in the reports.
 *
 * Errors: SESSION_DAMAGED, SESSION_CHANGED (other host, trust anchors, own certificate or policy), SESSION_EXPIRED,
 * BAD_STATE, UNSUPPORTED (profile small: none is ever handed out), handle errors; OUT_OF_MEMORY, after which the session is to be freed.
 */
int32_t etls_session_offer(etls_core *core, int32_t session, const uint8_t *saved,
                           uint32_t length);

/** Drops the session at ETLS_GET_SESSION_DATA, wiped. Errors: handle errors. */
int32_t etls_session_forget(etls_core *core, int32_t session);

/** Frees a session, wipes its secrets. Errors: handle errors. */
int32_t etls_session_free(etls_core *core, int32_t session);

/* ---- reports: facts as text ------------------------------------------------------------------- */

/** What etls_report() can write. Each line is `key=value\n`, in UTF-8, values escaped as RFC 4514 says. */
enum etls_report_id {
    ETLS_REPORT_FAILURE = 1, /* the certificate that was refused: subject, issuer, notBefore, notAfter, … */
    ETLS_REPORT_PEER = 2,    /* the peer's own certificate, the same keys and san, serial, fingerprint, pin (of its key) */
    ETLS_REPORT_CHAIN = 3,   /* the whole chain, leaf first, an empty line between (PEER_INFO 2) */
    ETLS_REPORT_SESSION = 4, /* version, cipher, alpn, sni */
    ETLS_REPORT_BUILD = 5,   /* Mbed TLS's version, profile, features; `session` is 0 */
    ETLS_REPORT_ENTROPY = 6  /* the random generator, then each source after an empty line; `session` is 0 */
};

/**
 * Writes a report and returns its length, 0 when there is nothing to say. The text stays in the arena at
 * etls_report_data() until the next report or until it is dropped with `report` 0.
 * Errors: BAD_ARGUMENT, OUT_OF_MEMORY, handle errors.
 */
int32_t etls_report(etls_core *core, int32_t session, uint32_t report);

/** Address of the last report. */
int32_t etls_report_data(etls_core *core);

/* ---- entropy ------------------------------------------------------------------------------------ */

/**
 * Mixes bytes into the pool from which the random generator is seeded next, at the latest when the
 * next session is made. They never do harm, and count for `credited` bits, 0 to 8 * `length`: 0 for a
 * seed that was saved, or for anything that somebody else may know. Errors: BAD_CORE, BAD_ARGUMENT.
 */
int32_t etls_entropy_add(etls_core *core, const uint8_t *data, uint32_t length,
                         uint32_t credited);

/**
 * Writes `length` bytes, 16 to 64, that the host may keep over a restart and hand to
 * etls_entropy_add() once, with 0 credited bits. Before they are used they are to be replaced by new
 * ones, so that no start ever finds the seed of another. Errors: BAD_CORE, BAD_ARGUMENT, NO_ENTROPY, ENTROPY_FAILED.
 */
int32_t etls_entropy_save(etls_core *core, uint8_t *out, uint32_t length);

/**
 * All entries in a fixed order, the first is number 0. Numbers are part of the ABI: new ones go
 * to the end.
 */
#define ETLS_ENTRIES(ENTRY)                                                                       \
    ENTRY(abi)                                                                                    \
    ENTRY(open)                                                                                   \
    ENTRY(close)                                                                                  \
    ENTRY(stat)                                                                                   \
    ENTRY(stat_reset)                                                                             \
    ENTRY(context_new)                                                                            \
    ENTRY(context_set)                                                                            \
    ENTRY(context_add_ca)                                                                         \
    ENTRY(context_add_cert)                                                                       \
    ENTRY(context_set_key)                                                                        \
    ENTRY(context_add_alpn)                                                                       \
    ENTRY(context_free)                                                                           \
    ENTRY(session_new)                                                                            \
    ENTRY(session_step)                                                                           \
    ENTRY(session_feed)                                                                           \
    ENTRY(session_eof)                                                                            \
    ENTRY(session_sent)                                                                           \
    ENTRY(session_read)                                                                           \
    ENTRY(session_write)                                                                          \
    ENTRY(session_shutdown)                                                                       \
    ENTRY(session_get)                                                                            \
    ENTRY(session_free)                                                                           \
    ENTRY(report)                                                                                 \
    ENTRY(report_data)                                                                            \
    ENTRY(fault)                                                                                  \
    ENTRY(clock_set)                                                                              \
    ENTRY(entropy_add)                                                                            \
    ENTRY(entropy_save)                                                                           \
    ENTRY(session_verify)                                                                         \
    ENTRY(session_offer)                                                                          \
    ENTRY(session_forget)                                                                         \
    ENTRY(context_add_bundle)

#endif
