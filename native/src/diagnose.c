/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a certificate of the peer cannot be parsed, and which it was. An issuer is left out then, and
 * perhaps missed. Nothing here decides about trust.
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

/* Writes what is known of a certificate; null when that is nothing. */
static char *describe(etls_session *session, const beginning *found)
{
    unsigned char *at = found->subject;
    size_t length = 0;
    char *report = NULL;
    mbedtls_x509_name subject;
    memset(&subject, 0, sizeof(subject));
    if (enter(&at, found->subject_end, &length, SEQUENCE) &&
        mbedtls_x509_get_name(&at, at + length, &subject) == 0) {
        mbedtls_x509_buf algorithm = { MBEDTLS_ASN1_OID, found->algorithm_length, found->algorithm };
        report = etls_report_subject(session->core, &subject, &algorithm);
        mbedtls_asn1_free_named_data_list_shallow(subject.next);
    }
    return report;
}

/* What a code of the parser means. */
static int32_t error_of(int result)
{
    int high = -(-result & 0x7F80);
    if (high == MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG || high == MBEDTLS_ERR_X509_SIG_MISMATCH) {
        return ETLS_ERR_CERT_SIGNATURE_ALGORITHM;
    }
    bool key = high == MBEDTLS_ERR_PK_UNKNOWN_PK_ALG || high == MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE ||
               high == MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE ||
               high == MBEDTLS_ERR_ECP_FEATURE_UNAVAILABLE;
    return key ? ETLS_ERR_CERT_WEAK_KEY : ETLS_ERR_CERT_MALFORMED;
}

void etls_diagnose(etls_session *session, const uint8_t *der, size_t length, int result, bool leaf)
{
    etls_verdict *verdict = &session->verdict;
    beginning found;
    memset(&found, 0, sizeof(found));
    bool known = read_beginning(&found, (unsigned char *) (uintptr_t) der, der + length);
    if (verdict->left_out != ETLS_OK || (!leaf && found.self_issued)) {
        return; /* one is enough, and a root is not needed */
    }
    verdict->left_out = (int16_t) error_of(result);
    if (known) {
        verdict->left_out_report = describe(session, &found);
    }
    if (leaf) {
        etls_diagnose_gap(session);
    }
}

void etls_diagnose_gap(etls_session *session)
{
    etls_verdict *verdict = &session->verdict;
    bool missed = verdict->error == ETLS_OK || verdict->error == ETLS_ERR_CERT_UNKNOWN_ISSUER ||
                  verdict->error == ETLS_ERR_CERT_MISSING_INTERMEDIATE;
    if (verdict->left_out == ETLS_OK || !missed) {
        return;
    }
    verdict->error = verdict->left_out;
    if (verdict->left_out_report != NULL) {
        etls_free(session->core, verdict->failure);
        verdict->failure = verdict->left_out_report;
        verdict->left_out_report = NULL;
    }
}
