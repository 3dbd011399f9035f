/* SPDX-License-Identifier: Apache-2.0 */
/* From the codes of Mbed TLS to ours; names and sentences stand in etls_errors.h. */
#include "core.h"

#include <mbedtls/ecp.h>
#include <mbedtls/error.h>
#include <mbedtls/rsa.h>

/* The first flags are Mbed TLS's own. */
#define SAME_FLAG(name)                                                                           \
    ETLS_ASSERT(flag_##name, (int) ETLS_FLAG_##name == MBEDTLS_X509_BADCERT_##name)
SAME_FLAG(EXPIRED);
SAME_FLAG(REVOKED);
SAME_FLAG(CN_MISMATCH);
SAME_FLAG(NOT_TRUSTED);
SAME_FLAG(MISSING);
SAME_FLAG(SKIP_VERIFY);
SAME_FLAG(OTHER);
SAME_FLAG(FUTURE);
SAME_FLAG(KEY_USAGE);
SAME_FLAG(EXT_KEY_USAGE);
SAME_FLAG(NS_CERT_TYPE);
SAME_FLAG(BAD_MD);
SAME_FLAG(BAD_PK);
SAME_FLAG(BAD_KEY);

/* Flags to errors, the most telling first: who made it, then when, then for whom and what. */
static const struct {
    uint32_t flag;
    int32_t error;
} flag_errors[] = {
    { ETLS_FLAG_MISSING, ETLS_ERR_CERT_MISSING },
    { ETLS_FLAG_MD5, ETLS_ERR_CERT_MD5 },
    { ETLS_FLAG_SHA1, ETLS_ERR_CERT_SHA1 },
    { ETLS_FLAG_BAD_MD, ETLS_ERR_CERT_SIGNATURE_ALGORITHM },
    { ETLS_FLAG_BAD_PK, ETLS_ERR_CERT_WEAK_KEY },
    { ETLS_FLAG_BAD_KEY, ETLS_ERR_CERT_WEAK_KEY },
    { ETLS_FLAG_SELF_SIGNED, ETLS_ERR_CERT_SELF_SIGNED },
    { ETLS_FLAG_NO_INTERMEDIATE, ETLS_ERR_CERT_MISSING_INTERMEDIATE },
    { ETLS_FLAG_NOT_TRUSTED, ETLS_ERR_CERT_UNKNOWN_ISSUER },
    { ETLS_FLAG_FUTURE, ETLS_ERR_CERT_NOT_YET_VALID },
    { ETLS_FLAG_EXPIRED, ETLS_ERR_CERT_EXPIRED },
    { ETLS_FLAG_NOT_CA, ETLS_ERR_CERT_NOT_CA },
    { ETLS_FLAG_PATH_LENGTH, ETLS_ERR_CERT_PATH_LENGTH },
    { ETLS_FLAG_NAME_CONSTRAINTS, ETLS_ERR_CERT_NAME_CONSTRAINTS },
    { ETLS_FLAG_CA_AS_LEAF, ETLS_ERR_CERT_CA_AS_LEAF },
    { ETLS_FLAG_NO_SAN, ETLS_ERR_CERT_NO_SAN },
    { ETLS_FLAG_CN_MISMATCH, ETLS_ERR_CERT_NAME_MISMATCH },
    { ETLS_FLAG_KEY_USAGE, ETLS_ERR_CERT_KEY_USAGE },
    { ETLS_FLAG_EXT_KEY_USAGE, ETLS_ERR_CERT_EXT_KEY_USAGE },
    { ETLS_FLAG_COMMON_NAME, ETLS_ERR_CERT_COMMON_NAME },
    { ETLS_FLAG_PROFILE, ETLS_ERR_CERT_PROFILE },
};
#define FLAG_ERRORS (sizeof(flag_errors) / sizeof(flag_errors[0]))

int32_t etls_error_from_flags(uint32_t flags)
{
    for (uint32_t i = 0; i < FLAG_ERRORS; i++) {
        if ((flags & flag_errors[i].flag) != 0) {
            return flag_errors[i].error;
        }
    }
    return flags == 0 ? ETLS_OK : ETLS_ERR_CERT_REJECTED;
}

static uint32_t rank(int32_t error)
{
    for (uint32_t i = 0; i < FLAG_ERRORS; i++) {
        if (flag_errors[i].error == error) {
            return i;
        }
    }
    return error == ETLS_OK ? FLAG_ERRORS + 1 : FLAG_ERRORS;
}

bool etls_error_precedes(int32_t error, int32_t other)
{
    return rank(error) < rank(other);
}

/* What Mbed TLS returns from a handshake step, a read or a write. */
static const struct {
    int16_t code;
    int16_t error;
} codes[] = {
    { MBEDTLS_ERR_SSL_ALLOC_FAILED, ETLS_ERR_OUT_OF_MEMORY },
    { MBEDTLS_ERR_SSL_INVALID_MAC, ETLS_ERR_BAD_RECORD_MAC },
    { MBEDTLS_ERR_SSL_INVALID_RECORD, ETLS_ERR_DECODE_ERROR },
    { MBEDTLS_ERR_SSL_UNEXPECTED_RECORD, ETLS_ERR_UNEXPECTED_MESSAGE },
    { MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE, ETLS_ERR_UNEXPECTED_MESSAGE },
    { MBEDTLS_ERR_SSL_DECODE_ERROR, ETLS_ERR_DECODE_ERROR },
    { MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER, ETLS_ERR_ILLEGAL_PARAMETER },
    { MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE, ETLS_ERR_ILLEGAL_PARAMETER }, /* such as compression */
    { MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE, ETLS_ERR_HANDSHAKE_FAILURE },
    { MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION, ETLS_ERR_PROTOCOL_VERSION },
    { MBEDTLS_ERR_SSL_NO_APPLICATION_PROTOCOL, ETLS_ERR_NO_APPLICATION_PROTOCOL },
    { MBEDTLS_ERR_SSL_UNSUPPORTED_EXTENSION, ETLS_ERR_UNSUPPORTED_EXTENSION },
    { MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE, ETLS_ERR_CERT_MISSING },
    { MBEDTLS_ERR_SSL_COUNTER_WRAPPING, ETLS_ERR_COUNTER_WRAP },
    { MBEDTLS_ERR_SSL_UNRECOGNIZED_NAME, ETLS_ERR_UNRECOGNIZED_NAME },
    { MBEDTLS_ERR_SSL_BAD_CERTIFICATE, ETLS_ERR_CERT_MALFORMED },
    { MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY, ETLS_ERR_CONNECTION_CLOSED },
    { MBEDTLS_ERR_SSL_CONN_EOF, ETLS_ERR_CONNECTION_CLOSED },
    { MBEDTLS_ERR_SSL_BAD_CONFIG, ETLS_ERR_HANDSHAKE_FAILURE },
    { MBEDTLS_ERR_SSL_PRIVATE_KEY_REQUIRED, ETLS_ERR_NO_CERTIFICATE },
    { MBEDTLS_ERR_X509_FATAL_ERROR, ETLS_ERR_CERT_CHAIN_TOO_LONG }, /* its only cause here */
    { MBEDTLS_ERR_ECP_VERIFY_FAILED, ETLS_ERR_BAD_SIGNATURE },
    { MBEDTLS_ERR_ECP_BAD_INPUT_DATA, ETLS_ERR_ILLEGAL_PARAMETER },
    { MBEDTLS_ERR_ECP_INVALID_KEY, ETLS_ERR_ILLEGAL_PARAMETER },
    { MBEDTLS_ERR_ECP_FEATURE_UNAVAILABLE, ETLS_ERR_ILLEGAL_PARAMETER }, /* compressed points */
    { MBEDTLS_ERR_RSA_VERIFY_FAILED, ETLS_ERR_BAD_SIGNATURE },
    { MBEDTLS_ERR_RSA_BAD_INPUT_DATA, ETLS_ERR_BAD_SIGNATURE },
    { MBEDTLS_ERR_RSA_PUBLIC_FAILED, ETLS_ERR_BAD_SIGNATURE }, /* as a number too large */
    { MBEDTLS_ERR_RSA_INVALID_PADDING, ETLS_ERR_BAD_SIGNATURE },
    { MBEDTLS_ERR_PK_SIG_LEN_MISMATCH, ETLS_ERR_BAD_SIGNATURE },
};

static int32_t find_code(int code)
{
    for (uint32_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (codes[i].code == code) {
            return codes[i].error;
        }
    }
    return ETLS_OK;
}

int32_t etls_error_from_mbedtls(const etls_session *session, int code)
{
    uint32_t flags = mbedtls_ssl_get_verify_result(&session->ssl);
    bool verified = code == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED ||
                    code == MBEDTLS_ERR_SSL_BAD_CERTIFICATE;
    if (session->core->arena.refused != session->refused) {
        return ETLS_ERR_OUT_OF_MEMORY; /* whatever it looks like from inside */
    }
    if (session->core->entropy.error != ETLS_OK) {
        return session->core->entropy.error; /* however Mbed TLS and PSA have called it */
    }
    if (code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) {
        return ETLS_ERR_PEER_ALERT - etls_records_alert(session);
    }
    if (code == MBEDTLS_ERR_SSL_BAD_INPUT_DATA && session->context->role == ETLS_CLIENT &&
        etls_records_phase(session) == MBEDTLS_SSL_SERVER_HELLO) {
        return ETLS_ERR_ILLEGAL_PARAMETER; /* a cipher suite that the build does not know */
    }
    if (verified && session->verdict.error != ETLS_OK) {
        return session->verdict.error;
    }
    if (verified && flags != 0 && flags != UINT32_MAX) {
        return etls_error_from_flags(flags);
    }
    int32_t error = find_code(code);
    /* Codes of two layers are added: look at the upper one alone, then at the lower one. */
    if (error == ETLS_OK) {
        error = find_code(-(-code & 0x7F80));
    }
    if (error == ETLS_OK) {
        error = find_code(-(-code & 0x7F));
    }
    return error == ETLS_OK ? ETLS_ERR_INTERNAL : error;
}

/* TLS 1.2 has no certificate_required: RFC 5246 section 7.4.6 wants handshake_failure. */
uint8_t etls_error_alert(const etls_session *session, int32_t error)
{
    static const struct {
        uint8_t error; /* its number is negative */
        uint8_t alert;
    } alerts[] = {
#define ETLS_ERROR(name, code, alert, sentence) { (uint8_t) -(code), (uint8_t) (alert) },
        ETLS_ERRORS(ETLS_ERROR)
#undef ETLS_ERROR
    };
    uint32_t i = 0;
    while (i < sizeof(alerts) / sizeof(alerts[0]) && alerts[i].error != -error) {
        i++;
    }
    uint8_t number = i < sizeof(alerts) / sizeof(alerts[0]) ? alerts[i].alert : ETLS_NO_ALERT;
    bool is_old = mbedtls_ssl_get_version_number(&session->ssl) != MBEDTLS_SSL_VERSION_TLS1_3;
    bool is_new = number == MBEDTLS_SSL_ALERT_MSG_CERT_REQUIRED;
    return is_new && is_old ? MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE : number;
}
