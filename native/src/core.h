/* SPDX-License-Identifier: Apache-2.0 */
/* The core's own types and what its files offer each other. Nothing here is for hosts. */
#ifndef ETLS_CORE_H
#define ETLS_CORE_H

#include "arena.h"
#include "entropy.h"
#include "etls.h"
#include "lean.h"
#include "records.h"

#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#include <stdbool.h>

/* C99 has no _Static_assert. */
#define ETLS_ASSERT(name, condition) typedef char etls_assert_##name[(condition) ? 1 : -1]

typedef enum {
    ETLS_KIND_NONE,
    ETLS_KIND_CONTEXT,
    ETLS_KIND_SESSION,
    ETLS_KIND_RELEASED /* the handle is void, the object lives for its sessions */
} etls_kind;

typedef struct {
    void *object;
    uint32_t generation : 24; /* counts up with each use of the slot */
    uint32_t kind : 8;        /* an etls_kind */
} etls_slot;

/* Phases whose peaks are kept, in the order of ETLS_STAT_PEAK_SETUP and so on. */
typedef enum {
    ETLS_PHASE_SETUP,
    ETLS_PHASE_HELLO,
    ETLS_PHASE_CERTIFICATE,
    ETLS_PHASE_KEY_EXCHANGE,
    ETLS_PHASE_DATA,
    ETLS_PHASES
} etls_phase;

struct etls_core {
    uint32_t magic;
    uint32_t size; /* bytes of the arena, this struct and the port's static data included */
    uint32_t phase_peaks[ETLS_PHASES];
    int64_t clock_set; /* what etls_clock_set() said, 0 for nothing … */
    int64_t clock_set_at; /* … and etls_port_uptime() then */
    bool psa_ready;
    etls_entropy entropy;
    char *report; /* the last one, or null */
    struct etls_session *active; /* whose call is running, or null */
    etls_slot slots[ETLS_MAX_HANDLES];
    etls_arena arena;
};

/* A trust anchor: its DER, behind it or where the host keeps it, and where the subject stands in it. */
typedef struct etls_anchor {
    struct etls_anchor *next;
    const uint8_t *der;
    uint16_t length;
    uint16_t subject; /* offset of the subject's DER */
    uint16_t subject_length;
} etls_anchor;

typedef struct {
    uint32_t slot;       /* of its handle, for the accounts */
    uint32_t references; /* the handle while it lives, and each session */
    uint32_t role;
    uint32_t verify;
    uint32_t peer_info;
    uint32_t max_fragment;
    bool in_place; /* DER that is added stays where it is */
    bool used; /* a session was made: settings stand */
    etls_anchor *anchors;
    mbedtls_x509_crt *chain; /* own certificates, leaf first, or null */
    uint32_t chain_length;   /* bytes of their DER */
    mbedtls_pk_context *key; /* of the leaf, or null */
    char **alpn;             /* null-terminated list, or null */
    uint32_t alpn_length;    /* bytes of its names */
    mbedtls_ssl_config config;
} etls_context;

/* What verification found; kept for the error and the reports. */
typedef struct {
    int32_t error; /* the most telling one so far */
    char *failure; /* report of the certificate that caused it, or null */
    char *peer;    /* report of the leaf, or null */
    char *chain;   /* reports of the others, or null */
} etls_verdict;

typedef struct etls_session {
    etls_core *core;
    etls_context *context;
    uint32_t slot;
    int32_t error;
    int32_t mbedtls_error;
    uint32_t refused; /* the arena's count when the call began */
    uint8_t host_ip[16];
    uint8_t host_ip_length; /* 4 or 16, 0 for a name */
    bool established;
    bool peer_closed;
    bool closed;
    char *host; /* lower case, no final dot, or null */
    etls_verdict verdict;
    etls_records records;
    etls_lean lean;
    uint8_t key_updates; /* of the peer since its last data */
    mbedtls_ssl_context ssl;
} etls_session;

/* ---- core.c ---- */
/* The core whose call is running: Mbed TLS's allocator and clock ask for it. */
extern etls_core *etls_current;
/* Whether it is open and whole; and the least arena that etls_open() takes. */
bool etls_is_open(const etls_core *core);
uint32_t etls_least_arena(void);
/* Checks `core` and makes its allocations the core's own. */
int32_t etls_enter(etls_core *core);
/* Gives an object a handle; returns it or TOO_MANY_HANDLES. `slot` is set first. */
int32_t etls_slot_find(etls_core *core, uint32_t *slot);
int32_t etls_slot_use(etls_core *core, uint32_t slot, void *object, etls_kind kind);
/* Voids the handle, keeps the slot; and gives up both. */
void etls_slot_release(etls_core *core, uint32_t slot);
void etls_slot_free(etls_core *core, uint32_t slot);
/* Finds what a handle stands for and books allocations to it. */
int32_t etls_find_context(etls_core *core, int32_t handle, etls_context **context);
int32_t etls_find_session(etls_core *core, int32_t handle, etls_session **session);
/* Ends a phase: keeps the most that was in use since the call began. */
void etls_phase_end(etls_core *core, etls_phase phase);
/* Books the following allocations to a slot. */
void etls_account(etls_core *core, uint32_t slot);
void *etls_alloc(etls_core *core, size_t length);
void etls_free(etls_core *core, void *memory);
/* Wipes, then frees. */
void etls_wipe_free(etls_core *core, void *memory, size_t length);

/* ---- context.c ---- */
void etls_context_release(etls_core *core, etls_context *context);

/* ---- trust.c ---- */
int etls_trust_find(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **candidates);
int etls_trust_verify(void *session, mbedtls_x509_crt *certificate, int depth, uint32_t *flags);
extern const mbedtls_x509_crt_profile etls_trust_profile;
/* Parses one certificate to check it, and tells where its subject's DER stands in it. */
int32_t etls_trust_check(const etls_core *core, const uint8_t *der, uint32_t length,
                         uint32_t *subject, uint32_t *subject_length);
/* Returns whether an anchor is this very certificate. */
bool etls_trust_has(const etls_context *context, const mbedtls_x509_crt *certificate);
/* Frees the anchors. */
void etls_trust_free(etls_core *core, etls_context *context);

/* ---- diagnose.c ---- */
/*
 * Why the chain in the peer's Certificate message was refused, when `error` is what it looks like
 * from outside; also writes verdict.failure.
 */
int32_t etls_diagnose(etls_session *session, int32_t error);

/* ---- name.c ---- */
/* Checks and normalizes a host into `session`; 0 or an error code. */
int32_t etls_name_set(etls_session *session, const uint8_t *host, uint32_t length);
/* Compares it with a certificate's subjectAltName; returns flag bits. */
uint32_t etls_name_check(const etls_session *session, const mbedtls_x509_crt *certificate);

/* ---- entropy.c ---- */
/*
 * Readies the generator for a session: seeds it when it is not, hears its sources and reseeds it when it is
 * time to. Returns 0, NO_ENTROPY or ENTROPY_FAILED.
 */
int32_t etls_entropy_start(etls_core *core);
void etls_entropy_stop(etls_core *core);
/* Mbed TLS's f_rng; `unused` is ignored. */
int etls_random(void *unused, unsigned char *out, size_t length);

/* ---- fragments.c ---- */
/*
 * Joins the header of a handshake message over the borders of records, when Mbed TLS has returned
 * `result`. Returns what it should have returned.
 */
int etls_fragments_join(etls_session *session, int result);

/* ---- key_update.c ---- */
/*
 * Obeys a KeyUpdate of the peer, which mbedtls_ssl_read() has refused with `result`. Returns what
 * it should have returned; any other result as it is.
 */
int etls_key_update(etls_session *session, int result);

/* ---- clock.c ---- */
/* Milliseconds since 1970, from the port's clock or from what the host said; 0 when not set. */
int64_t etls_clock_ms(void);
/* Seconds since 1970, or 0 when not set or before ETLS_EARLIEST_TIME. */
int64_t etls_clock_now(void);

/* ---- error.c ---- */
/* Translates a code of Mbed TLS for a session. */
int32_t etls_error_from_mbedtls(const etls_session *session, int code);
/* The error that certificate flags mean, 0 for none. */
int32_t etls_error_from_flags(uint32_t flags);
/* True when `error` tells more than `other` about why a chain was refused. */
bool etls_error_precedes(int32_t error, int32_t other);

/* ---- report.c ---- */
/* Writes a certificate's report into new memory; null when there is none left. */
char *etls_report_certificate(etls_core *core, const mbedtls_x509_crt *certificate, uint32_t flags,
                              bool with_names);

/* The same for one that cannot be parsed: the subject, and the OID of its signature. */
char *etls_report_subject(etls_core *core, const mbedtls_x509_name *subject,
                          const mbedtls_x509_buf *algorithm);

#endif
