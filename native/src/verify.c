/* SPDX-License-Identifier: Apache-2.0 */
/* Judging a chain that nobody sent: etls_session_verify. */
#include "core.h"

#include <mbedtls/asn1.h>
#include <string.h>

/* Parses certificates that stand one behind the other. */
static int32_t parse_all(const etls_session *session, mbedtls_x509_crt *chain, const uint8_t *der, uint32_t length)
{
    unsigned char *at = (unsigned char *) (uintptr_t) der;
    const unsigned char *end = der + length;
    do {
        unsigned char *inside = at;
        size_t size = 0;
        if (mbedtls_asn1_get_tag(&inside, end, &size,
                                 MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE) != 0) {
            return ETLS_ERR_DECODE_ERROR;
        }
        size += (size_t) (inside - at);
        int result = etls_trust_parse(chain, at, size);
        if (result != 0) {
            return result == MBEDTLS_ERR_X509_FATAL_ERROR ? ETLS_ERR_CERT_CHAIN_TOO_LONG
                                                          : session->verdict.error;
        }
        at += size;
    } while (at < end);
    return ETLS_OK;
}

static int32_t judge(etls_session *session, const uint8_t *der, uint32_t length)
{
    mbedtls_x509_crt chain;
    mbedtls_x509_crt_init(&chain);
    int32_t error = parse_all(session, &chain, der, length);
    if (error == ETLS_OK) {
        int result = etls_trust_judge(session, &chain);
        error = result == MBEDTLS_ERR_X509_FATAL_ERROR ? ETLS_ERR_INTERNAL : session->verdict.error;
    }
    mbedtls_x509_crt_free(&chain);
    return session->core->arena.refused != session->refused ? ETLS_ERR_OUT_OF_MEMORY : error;
}

int32_t etls_session_verify(etls_core *core, int32_t handle, const uint8_t *chain, uint32_t length)
{
    etls_session *session;
    int32_t error = etls_find_session(core, handle, &session);
    if (error != ETLS_OK) {
        return error;
    }
    if (session->error != ETLS_OK || etls_records_phase(session) != MBEDTLS_SSL_HELLO_REQUEST) {
        return ETLS_ERR_BAD_STATE;
    }
    session->refused = core->arena.refused;
    error = judge(session, chain, length);
    session->error = (int16_t) (error != ETLS_OK ? error : ETLS_ERR_BAD_STATE); /* of every later call */
    etls_phase_end(core, ETLS_PHASE_CERTIFICATE);
    return error;
}
