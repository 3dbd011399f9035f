/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which certificate of the peer could not be parsed, and why. Mbed TLS does not say which, and one
 * that is signed in an unknown way it leaves out, to stumble over its absence. Nothing here decides
 * about trust: the handshake has failed already.
 */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS /* for x509_internal.h: mbedtls_x509_get_name() */
#include "core.h"

#include <mbedtls/asn1.h>
#include <mbedtls/ecp.h>
#include <string.h>
#include <x509_internal.h>

#define SEQUENCE (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)

static bool enter(unsigned char **at, const unsigned char *end, size_t *length, int tag)
{
    return mbedtls_asn1_get_tag(at, end, length, tag) == 0;
}

/* Skips one element of any kind. */
static bool skip(unsigned char **at, const unsigned char *end)
{
    size_t length = 0;
    bool good = *at < end && enter(at, end, &length, **at);
    *at += length;
    return good;
}

/* What matters of a certificate's beginning: RFC 5280 section 4.1. */
typedef struct {
    unsigned char *algorithm; /* OID of the signature */
    size_t algorithm_length;
    unsigned char *subject; /* Name, with its tag */
    const unsigned char *subject_end;
    bool self_issued;
} beginning;

static bool read_beginning(beginning *found, unsigned char *at, const unsigned char *end)
{
    size_t length = 0;
    if (!enter(&at, end, &length, SEQUENCE) || !enter(&at, end, &length, SEQUENCE)) {
        return false;
    }
    if (at < end && *at == 0xA0 && !skip(&at, end)) { /* version */
        return false;
    }
    if (!skip(&at, end)) { /* serial number */
        return false;
    }
    unsigned char *algorithm = at;
    if (!skip(&at, end)) {
        return false;
    }
    unsigned char *issuer = at;
    size_t issuer_length = skip(&at, end) ? (size_t) (at - issuer) : 0;
    if (!skip(&at, end)) { /* validity */
        return false;
    }
    found->subject = at;
    if (!skip(&at, end)) {
        return false;
    }
    found->subject_end = at;
    found->self_issued = (size_t) (at - found->subject) == issuer_length &&
                         memcmp(issuer, found->subject, issuer_length) == 0;
    found->algorithm = algorithm;
    return enter(&found->algorithm, end, &length, SEQUENCE) &&
           enter(&found->algorithm, end, &found->algorithm_length, MBEDTLS_ASN1_OID);
}

/* Makes what is known of a certificate the session's failure report. */
static void note(etls_session *session, const beginning *found)
{
    unsigned char *at = found->subject;
    size_t length = 0;
    mbedtls_x509_name subject;
    memset(&subject, 0, sizeof(subject));
    if (enter(&at, found->subject_end, &length, SEQUENCE) &&
        mbedtls_x509_get_name(&at, at + length, &subject) == 0) {
        mbedtls_x509_buf algorithm = { MBEDTLS_ASN1_OID, found->algorithm_length, found->algorithm };
        etls_free(session->core, session->verdict.failure);
        session->verdict.failure = etls_report_subject(session->core, &subject, &algorithm);
        mbedtls_asn1_free_named_data_list_shallow(subject.next);
    }
}

/* Why a certificate cannot be used; 0 if it can, or if `error` tells more. */
static int32_t judge(etls_session *session, unsigned char *at, const unsigned char *end, bool leaf,
                     int32_t error)
{
    mbedtls_x509_crt parsed;
    mbedtls_x509_crt_init(&parsed);
    int result = mbedtls_x509_crt_parse_der_nocopy(&parsed, at, (size_t) (end - at));
    mbedtls_x509_crt_free(&parsed);
    int high = -(-result & 0x7F80);
    bool signature = high == MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG;
    bool missed = error == ETLS_ERR_CERT_UNKNOWN_ISSUER || error == ETLS_ERR_CERT_MISSING_INTERMEDIATE;
    beginning found;
    memset(&found, 0, sizeof(found));
    if (result == 0) {
        return ETLS_OK;
    }
    if (result == MBEDTLS_ERR_X509_ALLOC_FAILED) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    bool known = read_beginning(&found, at, end);
    /* Left out, and not missed: */
    if (signature && !leaf && error != ETLS_ERR_CERT_MALFORMED && (!missed || found.self_issued)) {
        return ETLS_OK;
    }
    if (known) {
        note(session, &found);
    }
    if (signature || high == MBEDTLS_ERR_X509_SIG_MISMATCH) {
        return ETLS_ERR_CERT_SIGNATURE_ALGORITHM;
    }
    bool key = high == MBEDTLS_ERR_PK_UNKNOWN_PK_ALG || high == MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE ||
               high == MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE ||
               high == MBEDTLS_ERR_ECP_FEATURE_UNAVAILABLE;
    return key ? ETLS_ERR_CERT_WEAK_KEY : ETLS_ERR_CERT_MALFORMED;
}

static uint32_t length24(const uint8_t *at)
{
    return (uint32_t) at[0] << 16 | (uint32_t) at[1] << 8 | at[2];
}

/* Looks through a Certificate message: RFC 8446 section 4.4.2, RFC 5246 section 7.4.2. */
int32_t etls_diagnose(etls_session *session, int32_t error)
{
    uint32_t length = 0;
    uint8_t *at = (uint8_t *) (uintptr_t) etls_records_message(session, &length);
    const uint8_t *end = at + length;
    bool tls13 = mbedtls_ssl_get_version_number(&session->ssl) == MBEDTLS_SSL_VERSION_TLS1_3;
    if (length < 8 || at[0] != 11) {
        return error;
    }
    at += 4 + (tls13 ? 1 + at[4] : 0) + 3; /* header, request context, length of the list */
    for (bool leaf = true; end > at && end - at > 3; leaf = false) {
        uint32_t size = length24(at);
        at += 3;
        if (size > (uint32_t) (end - at)) {
            return error;
        }
        int32_t found = judge(session, at, at + size, leaf, error);
        if (found != ETLS_OK) {
            return found;
        }
        at += size;
        if (tls13 && end - at >= 2) {
            at += 2 + ((uint32_t) at[0] << 8 | at[1]);
        }
    }
    return error;
}
