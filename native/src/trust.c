/* SPDX-License-Identifier: Apache-2.0 */
/* Trust anchors, and the checks that Mbed TLS leaves out. */
#include "core.h"

#include <mbedtls/oid.h>
#include <string.h>

/* What signs: SHA-256 and longer, RSA of 2048 bits and more, P-256 and P-384. */
const mbedtls_x509_crt_profile etls_trust_profile = {
    MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA256) | MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA384) |
        MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA512),
    0xFFFFFFF, /* every key algorithm of the build */
    MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP256R1) | MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP384R1),
    2048,
};

static bool same(const mbedtls_x509_buf *a, const mbedtls_x509_buf *b)
{
    return a->len == b->len && memcmp(a->p, b->p, a->len) == 0;
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
    int result = mbedtls_x509_crt_parse_der_nocopy(&parsed, der, length);
    if (result == 0 && parsed.raw.len != length) {
        result = MBEDTLS_ERR_X509_INVALID_FORMAT; /* something behind it */
    }
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
    int result = mbedtls_x509_crt_parse_der_nocopy(parsed, anchor->der, anchor->length);
    if (result == 0 && !etls_lean_prepare_key(&parsed->pk)) {
        result = MBEDTLS_ERR_X509_ALLOC_FAILED;
    }
    if (result != 0) {
        mbedtls_x509_crt_free(parsed);
        etls_mbedtls_free(parsed);
        return result;
    }
    parsed->next = *candidates;
    *candidates = parsed;
    return 0;
}

/*
 * Before the signature of `child` is verified: prepares the key of its issuer in the peer's chain,
 * and drops what only the certificate before it needed.
 */
static bool prepare_chain(const mbedtls_x509_crt *child)
{
    etls_lean_before_verify(etls_current->active);
    etls_lean_forget_key((mbedtls_pk_context *) (uintptr_t) &child->pk);
    for (mbedtls_x509_crt *other = child->next; other != NULL; other = other->next) {
        if (same(&other->subject_raw, &child->issuer_raw) && !etls_lean_prepare_key(&other->pk)) {
            return false;
        }
    }
    return true;
}

/* Mbed TLS asks for the anchors that may have issued `child`, and frees them. */
int etls_trust_find(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **candidates)
{
    const etls_anchor *anchor = ((const etls_context *) context)->anchors;
    *candidates = NULL;
    if (!prepare_chain(child)) {
        return MBEDTLS_ERR_X509_ALLOC_FAILED;
    }
    for (; anchor != NULL; anchor = anchor->next) {
        bool issuer = anchor->subject_length == child->issuer_raw.len &&
                      memcmp(anchor->der + anchor->subject, child->issuer_raw.p,
                             anchor->subject_length) == 0;
        int result = issuer ? add_candidate(anchor, candidates) : 0;
        if (result != 0) {
            while (*candidates != NULL) {
                mbedtls_x509_crt *next = (*candidates)->next;
                (*candidates)->next = NULL;
                mbedtls_x509_crt_free(*candidates);
                etls_mbedtls_free(*candidates);
                *candidates = next;
            }
            return result;
        }
    }
    return 0;
}

/* ---- verification ---- */

/* RFC 5280 sections 4.2.1.3 and 4.2.1.12; every key exchange of the build is signed by the leaf. */
static uint32_t check_usage(const etls_session *session, const mbedtls_x509_crt *leaf)
{
    bool client = session->context->role == ETLS_CLIENT;
    const char *use = client ? MBEDTLS_OID_SERVER_AUTH : MBEDTLS_OID_CLIENT_AUTH;
    uint32_t flags = 0;
    if (mbedtls_x509_crt_check_key_usage(leaf, MBEDTLS_X509_KU_DIGITAL_SIGNATURE) != 0) {
        flags |= ETLS_FLAG_KEY_USAGE;
    }
    if (mbedtls_x509_crt_check_extended_key_usage(leaf, use, strlen(use)) != 0) {
        flags |= ETLS_FLAG_EXT_KEY_USAGE;
    }
    return flags;
}

static uint32_t check_leaf(const etls_session *session, const mbedtls_x509_crt *leaf, uint32_t flags)
{
    bool listed = etls_trust_has(session->context, leaf);
    bool self_issued = same(&leaf->subject_raw, &leaf->issuer_raw);
    if (listed && self_issued) {
        flags &= ~(uint32_t) ETLS_FLAG_NOT_TRUSTED; /* the user said: exactly this one */
    }
    if (leaf->MBEDTLS_PRIVATE(ca_istrue) != 0 && !listed) {
        flags |= ETLS_FLAG_CA_AS_LEAF;
    }
    if ((flags & ETLS_FLAG_NOT_TRUSTED) != 0 && self_issued) {
        flags |= ETLS_FLAG_SELF_SIGNED;
    } else if ((flags & ETLS_FLAG_NOT_TRUSTED) != 0 && leaf->next == NULL) {
        flags |= ETLS_FLAG_NO_INTERMEDIATE;
    }
    if (session->host != NULL) {
        flags |= etls_name_check(session, leaf);
    }
    /* Mbed TLS checks this too, but only after it has asked here: too late for the report. */
    return flags | check_usage(session, leaf);
}

/* Tells which weak hash it was. Neither is in the build, so such a signature never counts. */
static uint32_t check_hash(const mbedtls_x509_crt *certificate, int depth, uint32_t flags)
{
    if ((flags & ETLS_FLAG_BAD_MD) == 0) {
        return flags;
    }
    if (depth != 0 && (flags & ETLS_FLAG_NOT_TRUSTED) != 0 &&
        same(&certificate->subject_raw, &certificate->issuer_raw)) {
        return flags & ~(uint32_t) ETLS_FLAG_BAD_MD; /* a root that is not known: that is what matters */
    }
    switch (certificate->MBEDTLS_PRIVATE(sig_md)) {
    case MBEDTLS_MD_SHA1:
        return flags | ETLS_FLAG_SHA1;
    case MBEDTLS_MD_MD5:
        return flags | ETLS_FLAG_MD5;
    default:
        return flags;
    }
}

/* Keeps the report of the certificate that tells most about a refusal. */
static int keep_failure(etls_session *session, const mbedtls_x509_crt *certificate, uint32_t flags)
{
    int32_t error = etls_error_from_flags(flags);
    if (error == ETLS_OK || !etls_error_precedes(error, session->verdict.error)) {
        return 0;
    }
    char *report = etls_report_certificate(session->core, certificate, flags, true);
    if (report == NULL) {
        return MBEDTLS_ERR_X509_ALLOC_FAILED;
    }
    etls_free(session->core, session->verdict.failure);
    session->verdict.failure = report;
    session->verdict.error = error;
    return 0;
}

static int keep_peer(etls_session *session, const mbedtls_x509_crt *leaf)
{
    if (session->context->peer_info == 0) {
        return 0;
    }
    etls_free(session->core, session->verdict.peer);
    session->verdict.peer = etls_report_certificate(session->core, leaf, 0, true);
    return session->verdict.peer == NULL ? MBEDTLS_ERR_X509_ALLOC_FAILED : 0;
}

/* Puts a certificate's report before those of the ones above it. */
static int keep_chain(etls_session *session, const mbedtls_x509_crt *certificate)
{
    if (session->context->peer_info < 2) {
        return 0;
    }
    char *above = session->verdict.chain;
    char *own = etls_report_certificate(session->core, certificate, 0, false);
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
    return joined == NULL ? MBEDTLS_ERR_X509_ALLOC_FAILED : 0;
}

/* Mbed TLS's f_vrfy: from the anchor down to the leaf. */
int etls_trust_verify(void *argument, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
    etls_session *session = argument;
    *flags = check_hash(certificate, depth, *flags);
    if (depth == 0) {
        *flags = check_leaf(session, certificate, *flags);
    }
    int result = keep_failure(session, certificate, *flags);
    if (result == 0 && depth == 0) {
        result = keep_peer(session, certificate);
    }
    return result != 0 ? result : keep_chain(session, certificate);
}
