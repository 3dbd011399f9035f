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

/* Whether the peer's certificates are copied out of its message: TLS 1.3 of Mbed TLS needs them. */
#if defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE)
#define ETLS_KEEPS_CHAIN 1
#else
#define ETLS_KEEPS_CHAIN 0
#endif

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
    uint16_t signatures; /* made and verified since etls_stat_reset() */
    struct etls_key *keys; /* of handshakes in progress, newest first: psa.c */
    etls_entropy entropy;
    char *report; /* the last one, or null */
    struct etls_session *active; /* whose call is running, or null */
    etls_slot slots[ETLS_MAX_HANDLES];
    etls_arena arena;
};

/*
 * A trust anchor: its DER, behind it or where the host keeps it, and where the subject stands in it.
 * A trust bundle is one too: `der` is its start, and the lengths are 0.
 */
typedef struct etls_anchor {
    struct etls_anchor *next;
    const uint8_t *der;
    uint16_t length;
    uint16_t subject; /* offset of the subject's DER */
    uint16_t subject_length;
} etls_anchor;

typedef struct {
    uint32_t references; /* the handle while it lives, and each session */
    uint16_t max_fragment;
    uint8_t slot; /* of its handle, for the accounts */
    uint8_t role;
    uint8_t verify;
    uint8_t peer_info;
    uint8_t max_path; /* intermediates in a path, at most */
    uint32_t time; /* certificates are judged as of it, seconds since 1970; 0: the clock */
    bool sessions;       /* to be saved and offered */
    bool anchors_hashed; /* once */
    bool in_place; /* DER that is added stays where it is */
    bool used;     /* a session was made: settings stand */
    uint8_t anchors_hash[16];
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
    int16_t error;    /* the most telling one, 0 when the chain is good */
    int16_t left_out; /* why the first issuer that could not be parsed was left out, or 0 */
    uint32_t flags;   /* etls_flag bits of the whole chain */
    char *failure; /* report of the certificate that caused it, or null */
    char *peer;    /* report of the leaf, or null */
    char *chain;   /* reports of the others, or null */
    char *left_out_report; /* what was left out, or null */
} etls_verdict;

typedef struct etls_session {
    etls_core *core;
    etls_context *context;
    uint32_t refused; /* the arena's count when the call began */
    int16_t error;
    int16_t mbedtls_error;
    uint8_t slot;
    uint8_t host_ip[16];
    uint8_t host_ip_length; /* 4 or 16, 0 for a name */
    bool established : 1;
    bool peer_closed : 1;
    bool closed : 1;
    bool offered : 1; /* a saved session, and the peer has not shown a certificate since */
    uint16_t saved_length;
    uint32_t since; /* seconds since 1970: when the peer was verified */
    uint8_t *saved; /* a session that can be resumed, until the host has taken it, or null */
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
/* Counts a signature that is made or verified: ETLS_STAT_SIGNATURES. */
void etls_count_signature(void);
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

/* Wipes and frees the private key. */
void etls_context_free_key(etls_core *core, etls_context *context);

/* ---- trust.c ---- */
/* The anchors that may have issued `child`, parsed; Mbed TLS's code. Free them by etls_trust_drop(). */
int etls_trust_find(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **candidates);
/*
 * Adds one of the peer's certificates to a chain, its own first; Mbed TLS's code. Issuers that cannot be
 * parsed are left out.
 */
int etls_trust_parse(mbedtls_x509_crt *chain, const unsigned char *der, size_t length);
/* What ssl_tls.c calls in place of mbedtls_x509_crt_verify_with_ca_cb(). */
int etls_trust_verify(mbedtls_x509_crt *chain, mbedtls_x509_crt_ca_cb_t find, void *context,
                      const mbedtls_x509_crt_profile *profile, const char *name, uint32_t *flags,
                      int (*verify)(void *, mbedtls_x509_crt *, int, uint32_t *), void *session);
/* Parses one certificate to check it, and tells where its subject's DER stands in it. */
int32_t etls_trust_check(const etls_core *core, const uint8_t *der, uint32_t length,
                         uint32_t *subject, uint32_t *subject_length);
/* Returns whether an anchor is this very certificate. */
bool etls_trust_has(const etls_context *context, const mbedtls_x509_crt *certificate);
/* Frees the anchors. */
void etls_trust_free(etls_core *core, etls_context *context);

/* ---- bundle.c ---- */
/* Puts the anchors of a bundle that may have issued `child` before `candidates`; Mbed TLS's code. */
int etls_bundle_find(const uint8_t *bundle, const mbedtls_x509_crt *child, mbedtls_x509_crt **candidates);

/* ---- path.c ---- */
/* Judges the peer's chain into session->verdict: 0, X509_CERT_VERIFY_FAILED, or X509_ALLOC_FAILED. */
int etls_trust_judge(etls_session *session, mbedtls_x509_crt *chain);

/* ---- resume.c ---- */
/* Saves a session of TLS 1.2; drops its ticket. */
void etls_resume_after_handshake(etls_session *session);
/* Saves the session of a ticket that has come, TLS 1.3. DECODE_ERROR. */
int32_t etls_resume_take_ticket(etls_session *session);
/* Drops what was saved. */
void etls_resume_forget(etls_session *session);

/* ---- diagnose.c ---- */
/* Notes why one of the peer's certificates cannot be parsed: `result` is Mbed TLS's code. */
void etls_diagnose(etls_session *session, const uint8_t *der, size_t length, int result, bool leaf);
/* Lets that be the reason when no path was found. */
void etls_diagnose_gap(etls_session *session);

/* ---- name.c ---- */
/* Checks and normalizes a host into `session`; 0 or an error code. */
int32_t etls_name_set(etls_session *session, const uint8_t *host, uint32_t length);
/* Compares it with a certificate's subjectAltName; returns flag bits. */
uint32_t etls_name_check(const etls_session *session, const mbedtls_x509_crt *certificate);

/* ---- common_name.c ---- */
/* Compares the common name with the subjectAltName; returns flag bits. */
uint32_t etls_name_check_common(const mbedtls_x509_crt *certificate);

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
/* Servers: sends with the application keys from the own Finished on. */
void etls_key_switch(etls_session *session);

/* ---- clock.c ---- */
/* Milliseconds since 1970, from the port's clock or from what the host said; 0 when not set. */
int64_t etls_clock_ms(void);
/*
 * Seconds since 1970, or 0 when not set or before ETLS_EARLIEST_TIME; while a session's call runs, its
 * context's own time if it has one.
 */
int64_t etls_clock_now(void);

/* ---- error.c ---- */
/* Translates a code of Mbed TLS for a session. */
int32_t etls_error_from_mbedtls(const etls_session *session, int code);
/* The error that certificate flags mean, 0 for none. */
int32_t etls_error_from_flags(uint32_t flags);
/* The alert that tells a session's peer of an error; ETLS_NO_ALERT: none does. */
uint8_t etls_error_alert(const etls_session *session, int32_t error);
#define ETLS_NO_ALERT 0xFFu
/* True when `error` tells more than `other` about why a chain was refused. */
bool etls_error_precedes(int32_t error, int32_t other);

/* ---- report.c ---- */
/* Writes a certificate's report into new memory; null when there is none left. `rule` goes with a flag. */
char *etls_report_certificate(etls_core *core, const mbedtls_x509_crt *certificate, uint32_t flags,
                              uint32_t rule, bool with_names);

/* The same for one that cannot be parsed: the subject, and the OID of its signature. */
char *etls_report_subject(etls_core *core, const mbedtls_x509_name *subject,
                          const mbedtls_x509_buf *algorithm);

#endif
