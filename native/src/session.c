/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions: one connection each, pumped by the host. */
#include "core.h"

/* Ends the session; the first error stays. */
static int32_t fail(etls_session *session, int32_t error, int code)
{
    if (session->error == ETLS_OK) {
        session->error = (int16_t) error;
        session->mbedtls_error = (int16_t) code;
    }
    return session->error;
}

/* Tells the peer of an error that Mbed TLS does not know of. */
static void alert(etls_session *session, int32_t error)
{
    uint32_t waiting = 0;
    (void) etls_records_output(session, &waiting);
    uint8_t number = etls_error_alert(session, error);
    if (waiting == 0 && number != ETLS_NO_ALERT && etls_lean_wake(session) == ETLS_OK) { /* or no memory to say so */
        (void) mbedtls_ssl_send_alert_message(&session->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL, number);
    }
}

static int32_t fail_with_alert(etls_session *session, int32_t error)
{
    alert(session, error);
    return fail(session, error, 0);
}

static int32_t state(const etls_session *session)
{
    uint32_t output = 0;
    uint32_t data = 0;
    (void) etls_records_output(session, &output);
    (void) etls_records_data(session, &data);
    bool again = etls_records_ready(session) || (!session->established && !session->records.starved);
    int32_t bits = 0;
    bits |= output != 0 ? ETLS_HAS_OUTPUT : 0;
    bits |= data != 0 ? ETLS_HAS_DATA : 0;
    bits |= session->established ? ETLS_ESTABLISHED : 0;
    bits |= session->peer_closed ? ETLS_PEER_CLOSED : 0;
    bits |= session->closed ? ETLS_CLOSED : 0;
    bits |= session->saved != NULL ? ETLS_HAS_SESSION : 0;
    if (output == 0 && data == 0 && !session->peer_closed) {
        bits |= again ? ETLS_AGAIN : ETLS_WANT_INPUT;
    }
    return bits;
}

/* ---- birth ---- */

static int32_t check_context(const etls_context *context, uint32_t host_length)
{
    bool client = context->role == ETLS_CLIENT;
    bool required = context->verify == ETLS_VERIFY_REQUIRED;
    if (!client && context->key == NULL) {
        return ETLS_ERR_NO_CERTIFICATE;
    }
    if (client && required && host_length == 0) {
        return ETLS_ERR_NO_HOST_NAME;
    }
    if (required && context->anchors == NULL) {
        return ETLS_ERR_NO_TRUST_ANCHOR;
    }
    if ((client || context->verify != ETLS_VERIFY_NONE) && context->time == 0 &&
        etls_clock_now() == 0) {
        return ETLS_ERR_NO_CLOCK;
    }
    return ETLS_OK;
}

static int authmode(const etls_context *context)
{
    if (context->verify == ETLS_VERIFY_REQUIRED) {
        return MBEDTLS_SSL_VERIFY_REQUIRED;
    }
    bool none = context->verify == ETLS_VERIFY_NONE && context->role == ETLS_SERVER;
    return none ? MBEDTLS_SSL_VERIFY_NONE : MBEDTLS_SSL_VERIFY_OPTIONAL;
}

static int32_t set_up(etls_session *session, const uint8_t *host, uint32_t length)
{
    if (length != 0) {
        int32_t error = etls_name_set(session, host, length);
        if (error != ETLS_OK) {
            return error;
        }
    }
    mbedtls_ssl_conf_authmode(&session->context->config, authmode(session->context));
    int result = etls_records_setup(session);
    if (result == 0) {
        /* No SNI for addresses: RFC 6066 section 3. trust.c checks them all the same. */
        const char *name = session->host_ip_length == 0 ? session->host : NULL;
        result = mbedtls_ssl_set_hostname(&session->ssl, name);
    }
    return result == 0 ? ETLS_OK : etls_error_from_mbedtls(session, result);
}

static void destroy(etls_session *session)
{
    etls_core *core = session->core;
    etls_records_free(session);
    etls_free(core, session->host);
    etls_resume_forget(session);
    etls_free(core, session->verdict.failure);
    etls_free(core, session->verdict.peer);
    etls_free(core, session->verdict.chain);
    etls_free(core, session->verdict.left_out_report);
    etls_context *context = session->context;
    uint32_t slot = session->slot;
    etls_wipe_free(core, session, sizeof(*session));
    /* The use of an RSA key has left blinding values with it. */
    etls_arena_hand_over(&core->arena, slot + 1, context->slot + 1);
    etls_context_release(core, context);
}

int32_t etls_session_new(etls_core *core, int32_t handle, const uint8_t *host, uint32_t length)
{
    etls_context *context;
    uint32_t slot = 0;
    int32_t error = etls_find_context(core, handle, &context);
    if (error == ETLS_OK) {
        error = check_context(context, length);
    }
    if (error == ETLS_OK) {
        error = etls_slot_find(core, &slot);
    }
    if (error == ETLS_OK) {
        error = etls_entropy_start(core);
    }
    if (error != ETLS_OK) {
        return error;
    }
    etls_account(core, slot);
    etls_session *session = etls_alloc(core, sizeof(*session));
    if (session == NULL) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    session->core = core;
    session->context = context;
    session->slot = (uint8_t) slot;
    session->refused = core->arena.refused;
    context->used = true;
    context->references++;
    error = set_up(session, host, length);
    etls_phase_end(core, ETLS_PHASE_SETUP);
    if (error != ETLS_OK) {
        destroy(session);
        return error;
    }
    return etls_slot_use(core, slot, session, ETLS_KIND_SESSION);
}

int32_t etls_session_free(etls_core *core, int32_t handle)
{
    etls_session *session;
    int32_t error = etls_find_session(core, handle, &session);
    if (error == ETLS_OK) {
        etls_slot_free(core, session->slot);
        destroy(session);
    }
    return error;
}

/* ---- life ---- */

/* X.509, ASN.1, key and curve errors: what parsing a Certificate message ends with. */
static bool is_parse_error(int code)
{
    int high = -code & 0x7F80;
    return code != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED &&
           ((high >= 0x2080 && high <= 0x2980) || (high >= 0x3880 && high <= 0x3F80) ||
            (high >= 0x4B00 && high <= 0x4F80) || (-code >= 0x60 && -code <= 0x6C));
}

static int32_t fail_from_mbedtls(etls_session *session, int code)
{
    int32_t error = etls_error_from_mbedtls(session, code);
    error = error == ETLS_ERR_INTERNAL && is_parse_error(code) ? ETLS_ERR_CERT_MALFORMED : error;
    bool unclear = error == ETLS_ERR_CERT_MALFORMED || error == ETLS_ERR_ILLEGAL_PARAMETER;
    if (unclear && !session->established && is_parse_error(code) && session->verdict.error != ETLS_OK) {
        error = session->verdict.error; /* etls_trust_parse() has found out more */
    }
    alert(session, error);
    return fail(session, error, code);
}

/* What a call of Mbed TLS left behind; returns false when the session has ended. */
static bool settle(etls_session *session, int result)
{
    result = etls_records_result(session, result);
    if (result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY && session->established) {
        session->peer_closed = true;
        result = 0;
    }
    if (result < 0 && result != MBEDTLS_ERR_SSL_WANT_READ &&
        result != MBEDTLS_ERR_SSL_WANT_WRITE) {
        (void) fail_from_mbedtls(session, result);
        return false;
    }
    etls_records_release(session);
    etls_records_sent(session, 0); /* frees the room if nothing was written */
    if (session->established) {
        etls_lean_sleep(session);
    }
    return true;
}

static void shake_hands(etls_session *session)
{
    etls_key_switch(session);
    if (etls_records_reserve_step(session) != ETLS_OK) {
        (void) fail_with_alert(session, ETLS_ERR_OUT_OF_MEMORY);
        return;
    }
    session->records.starved = false;
    int result = mbedtls_ssl_handshake_step(&session->ssl);
    if (session->core->arena.refused != session->refused) {
        /* It can overlook that: ssl_calc_finished_tls_generic() then sends a wrong Finished. */
        result = MBEDTLS_ERR_SSL_ALLOC_FAILED;
    }
    if (settle(session, result)) {
        etls_records_note_asked(session);
        etls_lean_after_step(session);
        session->established = mbedtls_ssl_is_handshake_over(&session->ssl) != 0;
        if (session->established) {
            etls_resume_after_handshake(session);
            etls_lean_after_handshake(session);
            if (session->context->references == 1) {
                etls_context_free_key(session->core, session->context); /* nobody will sign again */
            }
            etls_lean_sleep(session);
        }
    }
}

static void receive(etls_session *session)
{
    if (etls_lean_wake(session) != ETLS_OK) {
        (void) fail(session, ETLS_ERR_OUT_OF_MEMORY, 0);
        return;
    }
    session->records.starved = false;
    /* Length 0: the record is opened where it stands, nothing is copied. */
    int result = mbedtls_ssl_read(&session->ssl, NULL, 0);
    int32_t error = etls_resume_take_ticket(session);
    if (error != ETLS_OK) {
        (void) fail_with_alert(session, error);
        return;
    }
    (void) settle(session, etls_key_update(session, result));
}

/* Which phase of the handshake a step belongs to. */
static etls_phase phase_of(const etls_session *session)
{
    switch (etls_records_phase(session)) {
    case MBEDTLS_SSL_HELLO_REQUEST:
    case MBEDTLS_SSL_CLIENT_HELLO:
    case MBEDTLS_SSL_SERVER_HELLO:
        return ETLS_PHASE_HELLO;
    case MBEDTLS_SSL_ENCRYPTED_EXTENSIONS:
    case MBEDTLS_SSL_CERTIFICATE_REQUEST:
    case MBEDTLS_SSL_SERVER_CERTIFICATE:
    case MBEDTLS_SSL_CLIENT_CERTIFICATE:
        return ETLS_PHASE_CERTIFICATE;
    default:
        return ETLS_PHASE_KEY_EXCHANGE;
    }
}

int32_t etls_session_step(etls_core *core, int32_t handle)
{
    etls_session *session;
    int32_t error = etls_find_session(core, handle, &session);
    if (error != ETLS_OK) {
        return error;
    }
    if (session->error != ETLS_OK) {
        return session->error;
    }
    session->refused = core->arena.refused;
    int32_t now = state(session);
    if ((now & (ETLS_HAS_OUTPUT | ETLS_HAS_DATA | ETLS_PEER_CLOSED)) == 0) {
        etls_phase phase = session->established ? ETLS_PHASE_DATA : phase_of(session);
        if (!session->established) {
            shake_hands(session);
        } else if (etls_records_ready(session)) {
            receive(session);
        }
        etls_phase_end(core, phase);
    }
    return session->error != ETLS_OK ? session->error : state(session);
}

int32_t etls_session_feed(etls_core *core, int32_t handle, const uint8_t *data, uint32_t length)
{
    etls_session *session;
    int32_t error = etls_find_session(core, handle, &session);
    if (error != ETLS_OK) {
        return error;
    }
    if (session->error != ETLS_OK) {
        return session->error;
    }
    if (session->peer_closed) {
        return (int32_t) length; /* nothing counts after close_notify: RFC 8446 section 6.1 */
    }
    int32_t taken = etls_records_feed(session, data, length);
    etls_phase_end(core, session->established ? ETLS_PHASE_DATA : phase_of(session));
    return taken < 0 ? fail_with_alert(session, taken) : taken;
}

int32_t etls_session_eof(etls_core *core, int32_t handle)
{
    etls_session *session;
    int32_t error = etls_find_session(core, handle, &session);
    if (error != ETLS_OK) {
        return error;
    }
    if (session->error != ETLS_OK) {
        return session->error;
    }
    if (session->peer_closed) {
        return ETLS_OK;
    }
    return fail(session, session->established ? ETLS_ERR_TRUNCATED : ETLS_ERR_CONNECTION_CLOSED, 0);
}

int32_t etls_session_sent(etls_core *core, int32_t handle, uint32_t length)
{
    etls_session *session;
    int32_t error = etls_find_session(core, handle, &session);
    if (error != ETLS_OK) {
        return error;
    }
    uint32_t waiting = 0;
    (void) etls_records_output(session, &waiting);
    if (length > waiting) {
        return ETLS_ERR_BAD_ARGUMENT;
    }
    etls_records_sent(session, length);
    return (int32_t) (waiting - length);
}

int32_t etls_session_read(etls_core *core, int32_t handle, uint32_t length)
{
    etls_session *session;
    int32_t error = etls_find_session(core, handle, &session);
    if (error != ETLS_OK) {
        return error;
    }
    uint32_t waiting = 0;
    (void) etls_records_data(session, &waiting);
    if (length > waiting) {
        return ETLS_ERR_BAD_ARGUMENT;
    }
    if (length != 0) {
        etls_records_read(session, length);
    }
    return (int32_t) (waiting - length);
}

static uint32_t max_write(const etls_session *session)
{
    if (!session->established) {
        return 0;
    }
    etls_records_room = ETLS_MAX_RECORD_OUT;
    int length = mbedtls_ssl_get_max_out_record_payload(&session->ssl);
    etls_records_activate(session);
    return length > 0 ? (uint32_t) length : 0;
}

int32_t etls_session_write(etls_core *core, int32_t handle, const uint8_t *data, uint32_t length)
{
    etls_session *session;
    int32_t error = etls_find_session(core, handle, &session);
    if (error != ETLS_OK) {
        return error;
    }
    if (session->error != ETLS_OK) {
        return session->error;
    }
    if (!session->established || session->closed) {
        return ETLS_ERR_BAD_STATE;
    }
    if ((state(session) & ETLS_HAS_OUTPUT) != 0 || length == 0) {
        return 0;
    }
    if (length > max_write(session)) {
        length = max_write(session);
    }
    error = etls_records_reserve(session, length + 1); /* TLS 1.3 puts the type behind the data */
    if (error != ETLS_OK) {
        return error;
    }
    error = etls_lean_wake(session);
    if (error != ETLS_OK) {
        etls_records_sent(session, 0); /* gives the room back */
        return error;
    }
    session->refused = core->arena.refused;
    int result = mbedtls_ssl_write(&session->ssl, data, length);
    etls_phase_end(core, ETLS_PHASE_DATA);
    if (result == MBEDTLS_ERR_SSL_WANT_WRITE) {
        result = (int) length; /* the record is complete, only its sending is left */
    }
    return settle(session, result) ? result : session->error;
}

int32_t etls_session_shutdown(etls_core *core, int32_t handle)
{
    etls_session *session;
    int32_t error = etls_find_session(core, handle, &session);
    if (error != ETLS_OK) {
        return error;
    }
    if (session->error != ETLS_OK) {
        return session->error;
    }
    if (!session->closed && (state(session) & ETLS_HAS_OUTPUT) == 0) {
        error = etls_lean_wake(session);
        if (error != ETLS_OK) {
            return error;
        }
        session->closed = true;
        if (session->established) {
            (void) settle(session, mbedtls_ssl_close_notify(&session->ssl));
        }
    }
    return session->error != ETLS_OK ? session->error : state(session);
}

/* ---- facts ---- */

static int32_t address_of(const uint8_t *data)
{
    return (int32_t) (uintptr_t) data;
}

/* What was found, and what Mbed TLS found: that there is no certificate, above all. */
static uint32_t verify_flags(const etls_session *session)
{
    uint32_t flags = mbedtls_ssl_get_verify_result(&session->ssl);
    return session->verdict.flags | (flags == UINT32_MAX ? 0 : flags);
}

int32_t etls_session_get(etls_core *core, int32_t handle, uint32_t what)
{
    etls_session *session;
    int32_t error = etls_find_session(core, handle, &session);
    if (error != ETLS_OK) {
        return error;
    }
    uint32_t output_size = 0;
    uint32_t data_size = 0;
    const uint8_t *output = etls_records_output(session, &output_size);
    const uint8_t *data = etls_records_data(session, &data_size);
    switch (what) {
    case ETLS_GET_OUTPUT_DATA:
        return address_of(output);
    case ETLS_GET_OUTPUT_SIZE:
        return (int32_t) output_size;
    case ETLS_GET_DATA:
        return address_of(data);
    case ETLS_GET_DATA_SIZE:
        return (int32_t) data_size;
    case ETLS_GET_VERSION:
        return session->established ? (int32_t) mbedtls_ssl_get_version_number(&session->ssl) : 0;
    case ETLS_GET_CIPHER:
        return session->established ? mbedtls_ssl_get_ciphersuite_id_from_ssl(&session->ssl) : 0;
    case ETLS_GET_VERIFY_FLAGS:
        return (int32_t) verify_flags(session);
    case ETLS_GET_VERIFY_ERROR:
        return session->verdict.error != ETLS_OK ? session->verdict.error
                                                 : etls_error_from_flags(verify_flags(session));
    case ETLS_GET_ERROR:
        return session->error;
    case ETLS_GET_MBEDTLS_ERROR:
        return session->mbedtls_error;
    case ETLS_GET_PHASE:
        return etls_records_phase(session);
    case ETLS_GET_MAX_WRITE:
        return (int32_t) max_write(session);
    case ETLS_GET_SESSION_DATA:
        return address_of(session->saved);
    case ETLS_GET_SESSION_SIZE:
        return session->saved_length;
    case ETLS_GET_RESUMED:
        return session->established && session->offered;
    case ETLS_GET_RECORD_SIZE:
        return session->records.header[3] << 8 | session->records.header[4];
    default:
        return ETLS_ERR_BAD_ARGUMENT;
    }
}
