/* SPDX-License-Identifier: Apache-2.0 */
/* Trust anchors; the peer's certificates as they come; what is told of a judgement. */
#include "trust.h"

#include <string.h>

bool etls_trust_same(const mbedtls_x509_buf *a, const mbedtls_x509_buf *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->p, b->p, a->len) == 0);
}

bool etls_trust_self_issued(const mbedtls_x509_crt *certificate)
{
    return etls_trust_same(&certificate->subject_raw, &certificate->issuer_raw);
}

/*
 * Mbed TLS's callback for extensions that it has no code for. All are taken: profile.c judges those of
 * the certificates that a path needs, and others do no harm.
 */
static int take_extension(void *unused, const mbedtls_x509_crt *certificate,
                          const mbedtls_x509_buf *oid, int critical, const unsigned char *at,
                          const unsigned char *end)
{
    (void) unused;
    (void) certificate;
    (void) oid;
    (void) critical;
    (void) at;
    (void) end;
    return 0;
}

/* Parses one certificate, that and nothing behind it. */
static int parse(mbedtls_x509_crt *chain, const uint8_t *der, size_t length, bool copy)
{
    etls_der all = etls_der_of(der, (uint32_t) length);
    etls_der inside;
    if (etls_der_next(&all, &inside) == 0 || !etls_der_over(&all)) {
        return MBEDTLS_ERR_X509_INVALID_FORMAT;
    }
    return mbedtls_x509_crt_parse_der_with_ext_cb(chain, der, length, copy, take_extension, NULL);
}

/* ---- anchors ---- */

int32_t etls_trust_check(const etls_core *core, const uint8_t *der, uint32_t length,
                         uint32_t *subject, uint32_t *subject_length)
{
    if (length > ETLS_MAX_CERTIFICATE) {
        return ETLS_ERR_BAD_CERTIFICATE;
    }
    uint32_t refused = core->arena.refused;
    mbedtls_x509_crt parsed;
    mbedtls_x509_crt_init(&parsed);
    int result = parse(&parsed, der, length, false);
    if (result == 0) {
        *subject = (uint32_t) (parsed.subject_raw.p - der);
        *subject_length = (uint32_t) parsed.subject_raw.len;
    }
    mbedtls_x509_crt_free(&parsed);
    if (core->arena.refused != refused) {
        return ETLS_ERR_OUT_OF_MEMORY; /* whatever it looks like from inside */
    }
    return result == 0 ? ETLS_OK : ETLS_ERR_BAD_CERTIFICATE;
}

int32_t etls_context_add_ca(etls_core *core, int32_t handle, const uint8_t *der, uint32_t length)
{
    etls_context *context;
    int32_t error = etls_find_context(core, handle, &context);
    uint32_t subject = 0;
    uint32_t subject_length = 0;
    if (error == ETLS_OK) {
        error = etls_trust_check(core, der, length, &subject, &subject_length);
    }
    if (error != ETLS_OK) {
        return error;
    }
    etls_anchor *anchor = etls_alloc(core, sizeof(*anchor) + (context->in_place ? 0 : length));
    if (anchor == NULL) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    anchor->der = context->in_place ? der : memcpy(anchor + 1, der, length);
    anchor->length = (uint16_t) length;
    anchor->subject = (uint16_t) subject;
    anchor->subject_length = (uint16_t) subject_length;
    anchor->next = context->anchors;
    context->anchors = anchor;
    etls_phase_end(core, ETLS_PHASE_SETUP);
    return ETLS_OK;
}

void etls_trust_free(etls_core *core, etls_context *context)
{
    while (context->anchors != NULL) {
        etls_anchor *next = context->anchors->next;
        etls_free(core, context->anchors);
        context->anchors = next;
    }
}

bool etls_trust_has(const etls_context *context, const mbedtls_x509_crt *certificate)
{
    for (const etls_anchor *anchor = context->anchors; anchor != NULL; anchor = anchor->next) {
        if (anchor->length == certificate->raw.len &&
            memcmp(anchor->der, certificate->raw.p, anchor->length) == 0) {
            return true;
        }
    }
    return false;
}

static int add_candidate(const etls_anchor *anchor, mbedtls_x509_crt **candidates)
{
    mbedtls_x509_crt *parsed = etls_mbedtls_calloc(1, sizeof(*parsed));
    if (parsed == NULL) {
        return MBEDTLS_ERR_X509_ALLOC_FAILED;
    }
    mbedtls_x509_crt_init(parsed);
    int result = parse(parsed, anchor->der, anchor->length, false);
    if (result != 0) {
        mbedtls_x509_crt_free(parsed);
        etls_mbedtls_free(parsed);
        return result;
    }
    parsed->next = *candidates;
    *candidates = parsed;
    return 0;
}

void etls_trust_drop(mbedtls_x509_crt *candidates)
{
    while (candidates != NULL) {
        mbedtls_x509_crt *next = candidates->next;
        candidates->next = NULL;
        mbedtls_x509_crt_free(candidates);
        etls_mbedtls_free(candidates);
        candidates = next;
    }
}

/* Also what Mbed TLS is told to ask, though it never does: etls_verify_route.h. */
int etls_trust_find(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **candidates)
{
    const etls_anchor *anchor = ((const etls_context *) context)->anchors;
    *candidates = NULL;
    for (; anchor != NULL; anchor = anchor->next) {
        bool issuer = anchor->subject_length == child->issuer_raw.len &&
                      memcmp(anchor->der + anchor->subject, child->issuer_raw.p,
                             anchor->subject_length) == 0;
        int result = issuer ? add_candidate(anchor, candidates) : 0;
        if (anchor->length == 0) {
            result = etls_bundle_find(anchor->der, child, candidates);
        }
        if (result != 0) {
            etls_trust_drop(*candidates);
            *candidates = NULL;
            return result;
        }
    }
    return 0;
}

/* ---- the peer's certificates, as ssl_tls.c and ssl_tls13_generic.c take them ---- */

static uint32_t count(const mbedtls_x509_crt *chain)
{
    uint32_t found = 0;
    for (; chain != NULL && chain->version != 0; chain = chain->next) {
        found++;
    }
    return found;
}

int etls_trust_parse(mbedtls_x509_crt *chain, const unsigned char *der, size_t length)
{
    etls_session *session = etls_current->active;
    uint32_t before = count(chain);
    if (session != NULL) {
        session->offered = false; /* who resumes shows no certificate */
    }
    if (before >= ETLS_MAX_CHAIN) {
        return MBEDTLS_ERR_X509_FATAL_ERROR; /* ETLS_ERR_CERT_CHAIN_TOO_LONG */
    }
    int result = parse(chain, der, length, ETLS_KEEPS_CHAIN);
    if (result == 0 || result == MBEDTLS_ERR_X509_ALLOC_FAILED || session == NULL) {
        return result;
    }
    etls_diagnose(session, der, length, result, before == 0);
    /* An issuer that cannot be used may not be needed. The sum that UNKNOWN_SIG_ALG comes in would pass. */
    return before == 0 ? -(-result & 0x7F80) : 0;
}

int etls_trust_verify(mbedtls_x509_crt *chain, mbedtls_x509_crt_ca_cb_t find, void *context,
                      const mbedtls_x509_crt_profile *profile, const char *name, uint32_t *flags,
                      int (*verify)(void *, mbedtls_x509_crt *, int, uint32_t *), void *session)
{
    etls_session *active = etls_current->active;
    (void) find;
    (void) context;
    (void) profile;
    (void) name;
    (void) verify;
    (void) session;
    int result = etls_trust_judge(active, chain);
    *flags = active->verdict.flags;
    return result;
}

/* ---- what is told ---- */

/* Keeps the report of the certificate that tells most about a refusal. */
static void keep_failure(etls_session *session, const mbedtls_x509_crt *certificate, uint32_t flags,
                         uint32_t rule)
{
    int32_t error = etls_error_from_flags(flags);
    if (error != ETLS_OK && etls_error_precedes(error, session->verdict.error)) {
        etls_free(session->core, session->verdict.failure);
        session->verdict.failure =
            etls_report_certificate(session->core, certificate, flags, rule, true);
        session->verdict.error = (int16_t) error;
    }
}

/* Puts a certificate's report before those of the ones above it. */
static void keep_chain(etls_session *session, const mbedtls_x509_crt *certificate)
{
    char *above = session->verdict.chain;
    char *own = etls_report_certificate(session->core, certificate, 0, 0, false);
    size_t length = own != NULL ? strlen(own) : 0;
    size_t rest = above != NULL ? strlen(above) : 0;
    char *joined = own != NULL ? etls_alloc(session->core, length + rest + 2) : NULL;
    if (joined != NULL) {
        memcpy(joined, own, length);
        joined[length] = '\n';
        memcpy(joined + length + 1, above != NULL ? above : "", rest);
        etls_free(session->core, above);
        session->verdict.chain = joined;
    }
    etls_free(session->core, own);
}

static void forget(etls_session *session)
{
    etls_verdict *verdict = &session->verdict;
    etls_free(session->core, verdict->failure);
    etls_free(session->core, verdict->peer);
    etls_free(session->core, verdict->chain);
    verdict->failure = verdict->peer = verdict->chain = NULL;
    verdict->error = ETLS_OK;
    verdict->flags = 0;
}

/* A report that there is no memory for is missed later: the arena counts what it refuses. */
void etls_trust_tell(etls_session *session, mbedtls_x509_crt *const *path, const uint32_t *flags,
                     const uint8_t *rules, uint32_t length)
{
    uint32_t kept = session->context->peer_info;
    forget(session);
    for (uint32_t i = length; i-- > 0;) {
        session->verdict.flags |= flags[i];
        keep_failure(session, path[i], flags[i], rules[i]);
        if (i == 0 && kept != 0) {
            session->verdict.peer = etls_report_certificate(session->core, path[i], 0, 0, true);
        }
        if (kept >= 2) {
            keep_chain(session, path[i]);
        }
    }
}
