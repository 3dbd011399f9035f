/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts: trust, identity and policy that sessions share. */
#include "core.h"

#include <mbedtls/platform_util.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <string.h>

/* AEAD with forward secrecy only; AES-128 first: it is what boards are measured with. */
static const int ciphersuites[] = {
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
#endif
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
#if defined(MBEDTLS_CHACHAPOLY_C)
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
#endif
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    0,
};

/* X25519 first: a third of P-256's work. */
static const uint16_t groups[] = {
#if defined(MBEDTLS_ECP_DP_CURVE25519_ENABLED)
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
#endif
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};

static bool has_role(uint32_t role)
{
#if defined(MBEDTLS_SSL_SRV_C)
    return role == ETLS_CLIENT || role == ETLS_SERVER;
#else
    return role == ETLS_CLIENT;
#endif
}

static mbedtls_ssl_protocol_version highest_version(void)
{
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    return MBEDTLS_SSL_VERSION_TLS1_3;
#else
    return MBEDTLS_SSL_VERSION_TLS1_2;
#endif
}

#if ETLS_HAS_SESSIONS

/* Whether the peer is asked for tickets; without that, none are sent. */
static void set_sessions(mbedtls_ssl_config *config, bool wanted)
{
    mbedtls_ssl_conf_session_tickets(config, wanted ? MBEDTLS_SSL_SESSION_TICKETS_ENABLED
                                                    : MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    mbedtls_ssl_conf_tls13_key_exchange_modes(
        config, wanted ? MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ALL
                       : MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL);
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
        config, wanted ? MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED
                       : MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_DISABLED);
#endif
}

#else

static void set_sessions(mbedtls_ssl_config *config, bool wanted)
{
    (void) config;
    (void) wanted;
}

#endif

static int configure(etls_context *context)
{
    mbedtls_ssl_config *config = &context->config;
    int endpoint = context->role == ETLS_SERVER ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT;
    mbedtls_ssl_config_init(config);
    int result = mbedtls_ssl_config_defaults(config, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM,
                                             MBEDTLS_SSL_PRESET_DEFAULT);
    if (result != 0) {
        return result;
    }
    mbedtls_ssl_conf_rng(config, etls_random, NULL);
    mbedtls_ssl_conf_ciphersuites(config, ciphersuites);
    mbedtls_ssl_conf_groups(config, groups);
    mbedtls_ssl_conf_ca_cb(config, etls_trust_find, context);
    mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_max_tls_version(config, highest_version());
    set_sessions(config, false);
    return 0;
}

/*
 * Asks the peers of a context to send at most so much plaintext in a record; false: not a length. RFC
 * 6066 section 4: codes 1 to 4 are 512 to 4096 bytes.
 */
static bool ask_for_records(mbedtls_ssl_config *config, uint32_t length)
{
    uint8_t code = MBEDTLS_SSL_MAX_FRAG_LEN_512;
    while (code < MBEDTLS_SSL_MAX_FRAG_LEN_4096 && (256u << code) != length) {
        code++;
    }
    if (length == ETLS_MAX_RECORD_IN) {
        code = MBEDTLS_SSL_MAX_FRAG_LEN_NONE;
    } else if ((256u << code) != length) {
        return false;
    }
    etls_records_room = ETLS_MAX_RECORD_OUT; /* Mbed TLS compares with it */
    return mbedtls_ssl_conf_max_frag_len(config, code) == 0;
}

int32_t etls_context_new(etls_core *core, uint32_t role)
{
    int32_t error = etls_enter(core);
    if (error != ETLS_OK) {
        return error;
    }
    if (!has_role(role)) {
        return role == ETLS_SERVER ? ETLS_ERR_UNSUPPORTED : ETLS_ERR_BAD_ARGUMENT;
    }
    uint32_t slot = 0;
    error = etls_slot_find(core, &slot);
    if (error != ETLS_OK) {
        return error;
    }
    etls_account(core, slot);
    etls_context *context = etls_alloc(core, sizeof(*context));
    if (context == NULL) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    context->slot = (uint8_t) slot;
    context->references = 1;
    context->role = (uint8_t) role;
    context->verify = role == ETLS_SERVER ? ETLS_VERIFY_NONE : ETLS_VERIFY_REQUIRED;
    context->peer_info = 1;
    context->max_path = ETLS_MAX_CHAIN;
    context->max_fragment = (uint16_t) ETLS_ASK_FRAGMENT(core->size);
    if (configure(context) != 0 || !ask_for_records(&context->config, context->max_fragment)) {
        mbedtls_ssl_config_free(&context->config);
        etls_free(core, context);
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    return etls_slot_use(core, slot, context, ETLS_KIND_CONTEXT);
}

/* ---- settings ---- */

static int32_t set_version(etls_context *context, uint32_t option, uint32_t value)
{
    if (value != MBEDTLS_SSL_VERSION_TLS1_2 && value != (uint32_t) highest_version()) {
        return value == MBEDTLS_SSL_VERSION_TLS1_3 ? ETLS_ERR_UNSUPPORTED : ETLS_ERR_BAD_OPTION;
    }
    mbedtls_ssl_protocol_version version = (mbedtls_ssl_protocol_version) value;
    if (option == ETLS_OPTION_MIN_VERSION) {
        mbedtls_ssl_conf_min_tls_version(&context->config, version);
    } else {
        mbedtls_ssl_conf_max_tls_version(&context->config, version);
    }
    return ETLS_OK;
}

static int32_t set_limited(uint8_t *setting, uint32_t value, uint32_t most)
{
    if (value > most) {
        return ETLS_ERR_BAD_OPTION; /* and the setting stands */
    }
    *setting = (uint8_t) value;
    return ETLS_OK;
}

int32_t etls_context_set(etls_core *core, int32_t handle, uint32_t option, uint32_t value)
{
    etls_context *context;
    int32_t error = etls_find_context(core, handle, &context);
    if (error != ETLS_OK) {
        return error;
    }
    if (context->used) {
        return ETLS_ERR_BAD_STATE;
    }
    switch (option) {
    case ETLS_OPTION_MIN_VERSION:
    case ETLS_OPTION_MAX_VERSION:
        return set_version(context, option, value);
    case ETLS_OPTION_VERIFY:
        return set_limited(&context->verify, value, ETLS_VERIFY_REQUIRED);
    case ETLS_OPTION_MAX_FRAGMENT:
        if (!ask_for_records(&context->config, value)) {
            return ETLS_ERR_BAD_OPTION;
        }
        context->max_fragment = (uint16_t) value;
        return ETLS_OK;
    case ETLS_OPTION_IN_PLACE:
        context->in_place = value != 0;
        return value <= 1 ? ETLS_OK : ETLS_ERR_BAD_OPTION;
    case ETLS_OPTION_SESSIONS:
        if (value > 1 || context->role != ETLS_CLIENT) {
            return ETLS_ERR_BAD_OPTION;
        }
        context->sessions = value != 0;
        set_sessions(&context->config, context->sessions);
        return ETLS_OK;
    case ETLS_OPTION_MAX_PATH:
        return set_limited(&context->max_path, value, ETLS_MAX_CHAIN);
    case ETLS_OPTION_TIME:
        context->time = value;
        return ETLS_OK;
    case ETLS_OPTION_PEER_INFO:
        return set_limited(&context->peer_info, value, 2);
    default:
        return ETLS_ERR_BAD_OPTION;
    }
}

/* Appends to the list that Mbed TLS reads: a new array each time, they are short and few. */
static int32_t append_alpn(etls_core *core, etls_context *context, char *name)
{
    uint32_t count = 0;
    while (context->alpn != NULL && context->alpn[count] != NULL) {
        count++;
    }
    char **list = etls_alloc(core, (count + 2) * sizeof(*list));
    if (list == NULL) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    if (count != 0) {
        memcpy(list, context->alpn, count * sizeof(*list));
    }
    list[count] = name;
    if (mbedtls_ssl_conf_alpn_protocols(&context->config, (const char **) list) != 0) {
        etls_free(core, list);
        return ETLS_ERR_BAD_ALPN; /* more than 65535 bytes in all */
    }
    etls_free(core, context->alpn);
    context->alpn = list;
    return ETLS_OK;
}

int32_t etls_context_add_alpn(etls_core *core, int32_t handle, const uint8_t *name, uint32_t length)
{
    etls_context *context;
    int32_t error = etls_find_context(core, handle, &context);
    if (error != ETLS_OK) {
        return error;
    }
    if (length == 0 || length > 255 || memchr(name, 0, length) != NULL) {
        return ETLS_ERR_BAD_ALPN;
    }
    char *copy = etls_alloc(core, length + 1);
    if (copy == NULL) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    memcpy(copy, name, length);
    error = append_alpn(core, context, copy);
    if (error != ETLS_OK) {
        etls_free(core, copy);
        return error;
    }
    context->alpn_length += length + 1;
    return ETLS_OK;
}

/* ---- identity ---- */

void etls_context_free_key(etls_core *core, etls_context *context)
{
    if (context->key != NULL) {
        mbedtls_pk_free(context->key);
        etls_free(core, context->key);
        context->key = NULL;
    }
}

#if ETLS_HAS_IDENTITY

int32_t etls_context_add_cert(etls_core *core, int32_t handle, const uint8_t *der, uint32_t length)
{
    etls_context *context;
    int32_t error = etls_find_context(core, handle, &context);
    if (error != ETLS_OK) {
        return error;
    }
    uint32_t unused = 0;
    error = etls_trust_check(core, der, length, &unused, &unused);
    if (error != ETLS_OK) {
        return error;
    }
    mbedtls_x509_crt *chain = context->chain;
    if (chain == NULL) {
        chain = etls_alloc(core, sizeof(*chain));
        if (chain == NULL) {
            return ETLS_ERR_OUT_OF_MEMORY;
        }
        mbedtls_x509_crt_init(chain);
    }
    int result = context->in_place ? mbedtls_x509_crt_parse_der_nocopy(chain, der, length)
                                   : mbedtls_x509_crt_parse_der(chain, der, length);
    if (result != 0) {
        if (context->chain == NULL) {
            etls_free(core, chain);
        }
        return ETLS_ERR_OUT_OF_MEMORY; /* it was parsed a moment ago */
    }
    context->chain = chain;
    context->chain_length += length;
    return ETLS_OK;
}

static int32_t load_key(etls_context *context, const uint8_t *der, uint32_t length)
{
    mbedtls_pk_init(context->key);
    if (mbedtls_pk_parse_key(context->key, der, length, NULL, 0, etls_random, NULL) != 0) {
        return ETLS_ERR_BAD_KEY;
    }
    if (mbedtls_pk_check_pair(&context->chain->pk, context->key, etls_random, NULL) != 0) {
        return ETLS_ERR_KEY_MISMATCH;
    }
    int result = mbedtls_ssl_conf_own_cert(&context->config, context->chain, context->key);
    return result == 0 ? ETLS_OK : ETLS_ERR_OUT_OF_MEMORY;
}

int32_t etls_context_set_key(etls_core *core, int32_t handle, const uint8_t *der, uint32_t length)
{
    etls_context *context;
    int32_t error = etls_find_context(core, handle, &context);
    if (error == ETLS_OK) {
        error = etls_entropy_start(core); /* blinds the key's arithmetic */
    }
    if (error != ETLS_OK) {
        return error;
    }
    if (context->chain == NULL || context->key != NULL) {
        return ETLS_ERR_BAD_STATE;
    }
    uint32_t refused = core->arena.refused;
    context->key = etls_alloc(core, sizeof(*context->key));
    if (context->key == NULL) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    error = load_key(context, der, length);
    etls_phase_end(core, ETLS_PHASE_SETUP);
    if (error != ETLS_OK) {
        etls_context_free_key(core, context);
        error = core->arena.refused != refused ? ETLS_ERR_OUT_OF_MEMORY : error;
    }
    return error;
}

#else

/* Neither is in the build: the leaf is what tells so, since it is added first. */
int32_t etls_context_add_cert(etls_core *core, int32_t handle, const uint8_t *der, uint32_t length)
{
    etls_context *context;
    int32_t error = etls_find_context(core, handle, &context);
    (void) der;
    (void) length;
    return error != ETLS_OK ? error : ETLS_ERR_UNSUPPORTED;
}

int32_t etls_context_set_key(etls_core *core, int32_t handle, const uint8_t *der, uint32_t length)
{
    return etls_context_add_cert(core, handle, der, length);
}

#endif

/* ---- end of life ---- */

void etls_context_release(etls_core *core, etls_context *context)
{
    if (--context->references != 0) {
        return;
    }
    etls_trust_free(core, context);
    mbedtls_ssl_config_free(&context->config);
    etls_context_free_key(core, context);
    if (context->chain != NULL) {
        mbedtls_x509_crt_free(context->chain);
        etls_free(core, context->chain);
    }
    for (uint32_t i = 0; context->alpn != NULL && context->alpn[i] != NULL; i++) {
        etls_free(core, context->alpn[i]);
    }
    etls_free(core, context->alpn);
    etls_slot_free(core, context->slot);
    etls_wipe_free(core, context, sizeof(*context));
}

int32_t etls_context_free(etls_core *core, int32_t handle)
{
    etls_context *context;
    int32_t error = etls_find_context(core, handle, &context);
    if (error == ETLS_OK) {
        etls_slot_release(core, context->slot);
        etls_context_release(core, context);
    }
    return error;
}
