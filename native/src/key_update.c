/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of TLS 1.3 that change when Mbed TLS 3.6 would not: above all by KeyUpdate (RFC 8446 sections 4.6.3
 * and 7.2), which it does not have. What this relies on:
 *
 * - mbedtls_ssl_read() refuses the message with UNEXPECTED_MESSAGE, sends no alert, and leaves it
 *   decrypted at `in_msg`; the next call goes on behind it.
 * - The session keeps the traffic secrets, and `transform_in` and `transform_out` are one
 *   transform, whose parts for either direction have nothing in common.
 */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "core.h"

#include <mbedtls/platform_util.h>
#include <mbedtls/psa_util.h>
#include <ssl_misc.h>
#include <ssl_tls13_keys.h>
#include <string.h>

#if defined(MBEDTLS_SSL_PROTO_TLS1_3)

#define KEY_UPDATE 24u      /* HandshakeType: RFC 8446 appendix B.3 */
#define MESSAGE_LENGTH 5u   /* a header of 4 bytes and one of KeyUpdateRequest */
#define UPDATE_REQUESTED 1u /* the other value is 0, update_not_requested */
#define NONCE 12u

/* HKDF-Expand-Label without context: RFC 8446 section 7.1. */
#define EXPAND(hash, secret, label, out, length)                                                  \
    mbedtls_ssl_tls13_hkdf_expand_label(hash, secret, PSA_HASH_LENGTH(hash),                      \
                                        MBEDTLS_SSL_TLS1_3_LBL_WITH_LEN(label), NULL, 0, out,     \
                                        length)

/* Replaces a direction's traffic secret by its successor and its keys by those. */
static int next_generation(const etls_session *session, uint8_t *secret, uint8_t *iv,
                           mbedtls_cipher_context_t *cipher)
{
    psa_algorithm_t hash = mbedtls_md_psa_alg_from_type((mbedtls_md_type_t)
        mbedtls_ssl_ciphersuite_from_id(session->ssl.session->ciphersuite)->mac);
    int bits = mbedtls_cipher_get_key_bitlen(cipher);
    uint8_t bytes[MBEDTLS_TLS1_3_MD_MAX_SIZE];
    int result = EXPAND(hash, secret, traffic_upd, bytes, PSA_HASH_LENGTH(hash));
    if (result == 0) {
        memcpy(secret, bytes, PSA_HASH_LENGTH(hash));
        result = EXPAND(hash, secret, iv, iv, NONCE);
    }
    if (result == 0) {
        result = EXPAND(hash, secret, key, bytes, (size_t) bits / 8);
    }
    if (result == 0) {
        result = mbedtls_cipher_setkey(cipher, bytes, bits, mbedtls_cipher_get_operation(cipher));
    }
    mbedtls_platform_zeroize(bytes, sizeof(bytes));
    return result;
}

static int update_in(etls_session *session)
{
    mbedtls_ssl_context *ssl = &session->ssl;
    mbedtls_ssl_tls13_application_secrets *secrets = &ssl->session->app_secrets;
    bool client = session->context->role == ETLS_CLIENT;
    memset(ssl->in_ctr, 0, MBEDTLS_SSL_SEQUENCE_NUMBER_LEN);
    return next_generation(session,
                           client ? secrets->server_application_traffic_secret_N
                                  : secrets->client_application_traffic_secret_N,
                           ssl->transform_in->iv_dec, &ssl->transform_in->cipher_ctx_dec);
}

/* Tells the peer under the old keys, then takes new ones. */
static int update_out(etls_session *session)
{
    static const uint8_t message[MESSAGE_LENGTH] = { KEY_UPDATE, 0, 0, 1, 0 };
    mbedtls_ssl_context *ssl = &session->ssl;
    mbedtls_ssl_tls13_application_secrets *secrets = &ssl->session->app_secrets;
    bool client = session->context->role == ETLS_CLIENT;
    if (etls_records_reserve(session, MESSAGE_LENGTH + 1) != ETLS_OK) {
        return MBEDTLS_ERR_SSL_ALLOC_FAILED;
    }
    memcpy(ssl->out_msg, message, MESSAGE_LENGTH);
    ssl->out_msgtype = MBEDTLS_SSL_MSG_HANDSHAKE;
    ssl->out_msglen = MESSAGE_LENGTH;
    int result = mbedtls_ssl_write_record(ssl, 1); /* and flushes it */
    if (result != 0 && result != MBEDTLS_ERR_SSL_WANT_WRITE) {
        return result;
    }
    memset(ssl->cur_out_ctr, 0, sizeof(ssl->cur_out_ctr));
    return next_generation(session,
                           client ? secrets->client_application_traffic_secret_N
                                  : secrets->server_application_traffic_secret_N,
                           ssl->transform_out->iv_enc, &ssl->transform_out->cipher_ctx_enc);
}

int etls_key_update(etls_session *session, int result)
{
    const mbedtls_ssl_context *ssl = &session->ssl;
    if (ssl->in_offt != NULL) {
        session->key_updates = 0;
    }
    if (result != MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE ||
        mbedtls_ssl_get_version_number(ssl) != MBEDTLS_SSL_VERSION_TLS1_3 ||
        ssl->in_msgtype != MBEDTLS_SSL_MSG_HANDSHAKE || ssl->in_hslen < MESSAGE_LENGTH - 1 ||
        ssl->in_msg[0] != KEY_UPDATE) {
        return result;
    }
    if (ssl->in_hslen != MESSAGE_LENGTH) {
        return MBEDTLS_ERR_SSL_DECODE_ERROR;
    }
    /* No bytes may follow under the old keys (section 5.1), and nobody needs many without data. */
    if (ssl->in_msglen != MESSAGE_LENGTH || session->key_updates >= ETLS_MAX_KEY_UPDATES) {
        return MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE;
    }
    uint8_t request = ssl->in_msg[MESSAGE_LENGTH - 1];
    if (request > UPDATE_REQUESTED) {
        return MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER;
    }
    session->key_updates++;
    result = update_in(session);
    bool answer = request == UPDATE_REQUESTED && !session->closed;
    return result == 0 && answer ? update_out(session) : result;
}

/*
 * Mbed TLS does so when the client's Finished has come. But an alert about the client's
 * certificate comes before that, and the client could not read it: RFC 8446 section 4.4.4.
 */
void etls_key_switch(etls_session *session)
{
    mbedtls_ssl_context *ssl = &session->ssl;
    bool finished = ssl->state == MBEDTLS_SSL_CLIENT_CERTIFICATE ||
                    ssl->state == MBEDTLS_SSL_CERTIFICATE_VERIFY ||
                    ssl->state == MBEDTLS_SSL_CLIENT_FINISHED;
    if (session->context->role == ETLS_SERVER && finished && ssl->transform_application != NULL &&
        ssl->transform_out != ssl->transform_application) {
        mbedtls_ssl_set_outbound_transform(ssl, ssl->transform_application);
    }
}

#else

void etls_key_switch(etls_session *session)
{
    (void) session;
}

int etls_key_update(etls_session *session, int result)
{
    (void) session;
    return result;
}

#endif
