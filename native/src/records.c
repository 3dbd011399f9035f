/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Written against Mbed TLS 3.6; what it relies on:
 *
 * - mbedtls_ssl_setup() takes the two buffers with one calloc each, incoming first, and nothing
 *   else of these lengths.
 * - ssl_get_next_record() reads the header, then the rest, by mbedtls_ssl_fetch_input(), which
 *   takes what `in_left` says is at `in_hdr` before it calls f_recv. So a whole record that was
 *   put there in advance is taken as it is, and f_recv is called for nothing but the next header.
 * - The incoming sequence number stands in the 8 bytes at `in_buf`; the outgoing one elsewhere.
 * - Fragments of a handshake message are joined in the buffer: `in_hdr` then points behind them.
 * - MBEDTLS_SSL_OUT_CONTENT_LEN is used as a value only, never where C wants a constant, so it can be
 *   a variable: etls_records_room. What Mbed TLS believes to have is what it has. So is
 *   MBEDTLS_SSL_IN_CONTENT_LEN, for the one place where Mbed TLS writes as far as that: when a
 *   HelloRetryRequest comes or goes, mbedtls_ssl_session_reset_msg_layer() clears both buffers.
 * - A handshake step writes at most one record before it flushes, and never reads `in_msg` in a
 *   later step unless keep_current_message is set.
 * - An alert by mbedtls_ssl_pend_fatal_alert() is written anew by every call until f_send takes it:
 *   etls_records_result().
 */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "core.h"

#include <mbedtls/aes.h>
#include <mbedtls/gcm.h>
#include <mbedtls/platform_util.h>
#include <ssl_misc.h>
#include <string.h>

/* RFC 5246 section 6.2.3: what encryption may add to 2^14 bytes. */
#define EXPANSION 2048u

size_t etls_records_room;
size_t etls_records_asked;
size_t etls_records_in_room = ETLS_MAX_RECORD_IN;

static etls_session *setting_up;
static unsigned stubs_given;

void etls_records_activate(const etls_session *session)
{
    etls_records_room = session->records.out_room;
    etls_records_asked = session->context->max_fragment;
}

void etls_records_note_asked(etls_session *session)
{
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    mbedtls_ssl_handshake_params *handshake = session->ssl.handshake;
    if (handshake != NULL && session->context->config.mfl_code != MBEDTLS_SSL_MAX_FRAG_LEN_NONE) {
        handshake->sent_extensions |= MBEDTLS_SSL_EXT_MASK(MAX_FRAGMENT_LENGTH);
    }
#else
    (void) session;
#endif
}

/* Bytes that Mbed TLS adds to the room: sequence number, header, nonce, tag. */
static uint32_t overhead(void)
{
    return (uint32_t) (MBEDTLS_SSL_OUT_BUFFER_LEN - MBEDTLS_SSL_OUT_CONTENT_LEN);
}

/* The same of an incoming record. */
static uint32_t in_overhead(void)
{
    return (uint32_t) (MBEDTLS_SSL_IN_BUFFER_LEN - MBEDTLS_SSL_IN_CONTENT_LEN);
}

/* True when the next step may clear the incoming buffer. */
static bool may_retry(const etls_session *session)
{
    int state = session->ssl.state;
    bool client = session->context->role == ETLS_CLIENT;
    return client ? state == MBEDTLS_SSL_SERVER_HELLO : state == MBEDTLS_SSL_HELLO_RETRY_REQUEST;
}

/* Tells Mbed TLS for the next step how long the incoming buffer is: less than it takes for granted. */
static void narrow_in(const etls_session *session)
{
    uint32_t capacity = session->records.in_capacity;
    if (may_retry(session)) {
        capacity = capacity != 0 ? capacity : ETLS_RECORD_COUNTER + ETLS_RECORD_HEADER;
        etls_records_in_room = (size_t) capacity - in_overhead(); /* may wrap, and wraps back */
    }
}

/* ---- Mbed TLS's allocator ---- */

/*
 * What the set-up of a transform allocates right after it. When only a part of that fits,
 * ssl_tls13_keys.c frees the transform without it: lost for ever. So it gets all or nothing.
 */
static const size_t transform_parts[] = {
    sizeof(mbedtls_gcm_context),
    sizeof(mbedtls_gcm_context),
    sizeof(mbedtls_aes_context),
    sizeof(mbedtls_aes_context),
};
#define TRANSFORM_PARTS (sizeof(transform_parts) / sizeof(transform_parts[0]))

void *etls_mbedtls_calloc(size_t count, size_t length)
{
    if (setting_up != NULL && stubs_given == 0 && length == MBEDTLS_SSL_IN_BUFFER_LEN) {
        stubs_given = 1;
        return setting_up->records.in_stub;
    }
    if (setting_up != NULL && stubs_given == 1 && length == ETLS_RECORD_OUT_STUB) {
        stubs_given = 2;
        return setting_up->records.out_stub;
    }
    if (length != 0 && count > SIZE_MAX / length) {
        return NULL;
    }
    void *memory = etls_alloc(etls_current, count * length);
    if (memory != NULL && length == sizeof(mbedtls_ssl_transform) &&
        !etls_arena_fits(&etls_current->arena, transform_parts, TRANSFORM_PARTS)) {
        etls_free(etls_current, memory);
        return NULL;
    }
    return memory;
}

void etls_mbedtls_free(void *memory)
{
    if (setting_up != NULL &&
        (memory == setting_up->records.in_stub || memory == setting_up->records.out_stub)) {
        return; /* mbedtls_ssl_setup() failed and cleans up */
    }
    etls_free(etls_current, memory);
}

/* ---- Mbed TLS's transport ---- */

static int starve(void *context, unsigned char *buffer, size_t length)
{
    etls_session *session = context;
    (void) buffer;
    (void) length;
    session->records.starved = true;
    return MBEDTLS_ERR_SSL_WANT_READ;
}

static int send(void *context, const unsigned char *buffer, size_t length)
{
    etls_session *session = context;
    (void) buffer;
    uint32_t credit = session->records.send_credit;
    if (credit == 0) {
        return MBEDTLS_ERR_SSL_WANT_WRITE;
    }
    if (credit > length) {
        credit = (uint32_t) length;
    }
    session->records.send_credit -= credit;
    return (int) credit;
}

int etls_records_setup(etls_session *session)
{
    mbedtls_ssl_init(&session->ssl);
    if (overhead() + 2 > ETLS_RECORD_OUT_STUB) {
        return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
    }
    session->records.out_room = ETLS_RECORD_OUT_STUB - overhead();
    etls_records_activate(session);
    setting_up = session;
    stubs_given = 0;
    int result = mbedtls_ssl_setup(&session->ssl, &session->context->config);
    setting_up = NULL;
    if (result == 0) {
        mbedtls_ssl_set_bio(&session->ssl, session, send, starve, NULL);
    }
    return result;
}

/* ---- incoming ---- */

static uint32_t fragments(const etls_session *session)
{
    return session->ssl.badmac_seen_or_in_hsfraglen;
}

static void point_in(etls_session *session, uint8_t *buffer, uint32_t capacity, uint32_t header)
{
    mbedtls_ssl_context *ssl = &session->ssl;
    if (session->records.in_capacity != 0) {
        etls_wipe_free(session->core, ssl->in_buf, session->records.in_capacity);
    }
    session->records.in_capacity = capacity;
    ssl->in_buf = buffer;
    ssl->in_hdr = buffer + header;
    mbedtls_ssl_update_in_pointers(ssl);
}

static void drop_in(etls_session *session)
{
    if (session->records.in_capacity != 0) {
        memcpy(session->records.in_stub, session->ssl.in_buf, ETLS_RECORD_COUNTER);
        point_in(session, session->records.in_stub, 0, ETLS_RECORD_COUNTER);
    }
}

/*
 * The longest record that may come now, without header. Mbed TLS takes less than the RFCs, but all
 * that its ciphers can make of 2^14 bytes; and less again behind fragments of a message.
 */
static uint32_t limit(const etls_session *session)
{
    const mbedtls_ssl_context *ssl = &session->ssl;
    uint32_t before = (uint32_t) (ssl->in_hdr - ssl->in_buf) + ETLS_RECORD_HEADER;
    uint32_t most = ssl->transform_in == NULL ? ETLS_MAX_RECORD_IN : MBEDTLS_SSL_IN_BUFFER_LEN;
    uint32_t room = before < MBEDTLS_SSL_IN_BUFFER_LEN ? MBEDTLS_SSL_IN_BUFFER_LEN - before : 0;
    return most < room ? most : room;
}

/* Makes the buffer for the record whose header has come. */
static int32_t begin_record(etls_session *session)
{
    etls_records *records = &session->records;
    const uint8_t *header = records->header;
    if (header[0] < MBEDTLS_SSL_MSG_CHANGE_CIPHER_SPEC ||
        header[0] > MBEDTLS_SSL_MSG_APPLICATION_DATA || header[1] != 3) {
        return records->in_any ? ETLS_ERR_UNEXPECTED_MESSAGE : ETLS_ERR_NOT_TLS;
    }
    uint32_t length = (uint32_t) header[3] << 8 | header[4];
    if (!records->in_any && length > ETLS_MAX_RECORD_IN + EXPANSION) {
        return ETLS_ERR_NOT_TLS;
    }
    records->in_any = true;
    if (length > limit(session)) {
        return ETLS_ERR_RECORD_TOO_LARGE;
    }
    uint32_t before = (uint32_t) (session->ssl.in_hdr - session->ssl.in_buf);
    uint32_t capacity = before + ETLS_RECORD_HEADER + length;
    if (may_retry(session)) {
        capacity += in_overhead(); /* for narrow_in(): the content must seem to fit */
    }
    uint8_t *buffer = etls_alloc(session->core, capacity);
    if (buffer == NULL) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    memcpy(buffer, session->ssl.in_buf, before);
    memcpy(buffer + before, header, ETLS_RECORD_HEADER);
    point_in(session, buffer, capacity, before);
    records->in_length = ETLS_RECORD_HEADER + length;
    return ETLS_OK;
}

static uint32_t copy(uint8_t *to, uint32_t *have, uint32_t want, const uint8_t *data, uint32_t length)
{
    uint32_t piece = want - *have < length ? want - *have : length;
    if (piece != 0) {
        memcpy(to + *have, data, piece);
        *have += piece;
    }
    return piece;
}

int32_t etls_records_feed(etls_session *session, const uint8_t *data, uint32_t length)
{
    etls_records *records = &session->records;
    if (length == 0 || etls_records_ready(session)) {
        return 0;
    }
    uint32_t taken = 0;
    if (records->in_length == 0) {
        taken = copy(records->header, &records->in_have, ETLS_RECORD_HEADER, data, length);
        if (records->in_have < ETLS_RECORD_HEADER) {
            return (int32_t) taken;
        }
        int32_t error = begin_record(session);
        if (error != ETLS_OK) {
            return error;
        }
    }
    taken += copy(session->ssl.in_hdr, &records->in_have, records->in_length, data + taken,
                  length - taken);
    if (records->in_have == records->in_length) {
        session->ssl.in_left = records->in_length;
    }
    return (int32_t) taken;
}

bool etls_records_ready(const etls_session *session)
{
    const etls_records *records = &session->records;
    if (records->in_length != 0) {
        return records->in_have == records->in_length;
    }
    return records->in_capacity != 0 && fragments(session) == 0;
}

/* True while Mbed TLS still needs what is in the buffer. */
static bool in_progress(const etls_session *session)
{
    const mbedtls_ssl_context *ssl = &session->ssl;
    if (session->records.starved) {
        return fragments(session) != 0;
    }
    return ssl->in_left != 0 || ssl->in_offt != NULL || ssl->keep_current_message != 0 ||
           fragments(session) != 0 || (ssl->in_hslen != 0 && ssl->in_hslen < ssl->in_msglen);
}

void etls_records_release(etls_session *session)
{
    etls_records *records = &session->records;
    mbedtls_ssl_context *ssl = &session->ssl;
    if (records->in_length != 0 && records->in_have < records->in_length) {
        return;
    }
    if (records->in_length != 0 && ssl->in_left == 0) {
        records->in_have = 0;
        records->in_length = 0;
    }
    if (records->in_capacity != 0 && records->in_length == 0 && !in_progress(session)) {
        /* What ssl_consume_current_message() would do when the next record is asked for. */
        ssl->in_msglen = 0;
        ssl->in_hslen = 0;
        drop_in(session);
    }
}

void etls_records_drop_message(etls_session *session)
{
    mbedtls_ssl_context *ssl = &session->ssl;
    bool only = ssl->in_hslen >= ssl->in_msglen && ssl->in_left == 0 && fragments(session) == 0;
    if (session->records.in_capacity != 0 && only && ssl->keep_current_message == 0) {
        ssl->in_msglen = 0;
        ssl->in_hslen = 0;
        session->records.in_have = 0;
        session->records.in_length = 0;
        drop_in(session);
    }
}

uint8_t *etls_records_data(const etls_session *session, uint32_t *length)
{
    const mbedtls_ssl_context *ssl = &session->ssl;
    *length = ssl->in_offt != NULL ? (uint32_t) ssl->in_msglen : 0;
    return ssl->in_offt;
}

void etls_records_read(etls_session *session, uint32_t length)
{
    mbedtls_ssl_context *ssl = &session->ssl;
    mbedtls_platform_zeroize(ssl->in_offt, length);
    ssl->in_offt += length;
    ssl->in_msglen -= length;
    if (ssl->in_msglen == 0) {
        ssl->in_offt = NULL;
        ssl->keep_current_message = 0;
        session->records.starved = false;
        etls_records_release(session);
    }
}

const uint8_t *etls_records_message(const etls_session *session, uint32_t *length)
{
    const mbedtls_ssl_context *ssl = &session->ssl;
    bool whole = session->records.in_capacity != 0 && ssl->in_msgtype == MBEDTLS_SSL_MSG_HANDSHAKE &&
                 ssl->in_hslen <= ssl->in_msglen;
    *length = whole ? (uint32_t) ssl->in_hslen : 0;
    return ssl->in_msg;
}

int32_t etls_records_alert(const etls_session *session)
{
    return session->records.in_capacity != 0 ? session->ssl.in_msg[1] : 0;
}

/*
 * Mbed TLS says no_certificate, which was SSL 3.0's, where RFC 8446 section 4.4.2.4 wants another
 * alert; session.c sends that. It was the first record under its keys, if under any: so it can be
 * taken back with its number.
 */
static bool take_back_no_certificate(etls_session *session)
{
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    mbedtls_ssl_context *ssl = &session->ssl;
    if (ssl->alert_type == MBEDTLS_SSL_ALERT_MSG_NO_CERT) {
        etls_records_sent(session, (uint32_t) ssl->out_left);
        mbedtls_ssl_set_outbound_transform(ssl, ssl->transform_out);
        return true;
    }
#else
    (void) session;
#endif
    return false;
}

int etls_records_result(etls_session *session, int result)
{
    mbedtls_ssl_context *ssl = &session->ssl;
    etls_records_in_room = ETLS_MAX_RECORD_IN;
    result = etls_fragments_join(session, result);
    if (result != MBEDTLS_ERR_SSL_WANT_WRITE || ssl->send_alert == 0) {
        return result;
    }
    ssl->send_alert = 0; /* it waits in the output */
    return take_back_no_certificate(session) ? MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE
                                             : ssl->alert_reason;
}

int32_t etls_records_phase(const etls_session *session)
{
    return session->ssl.state;
}

/* ---- outgoing ---- */

static void point_out(etls_session *session, uint8_t *buffer, uint32_t capacity)
{
    mbedtls_ssl_context *ssl = &session->ssl;
    if (session->records.out_capacity != 0) {
        etls_wipe_free(session->core, ssl->out_buf, session->records.out_capacity);
    }
    session->records.out_capacity = capacity;
    session->records.out_room = (capacity != 0 ? capacity : ETLS_RECORD_OUT_STUB) - overhead();
    etls_records_activate(session);
    ssl->out_buf = buffer;
    ssl->out_ctr = buffer;
    ssl->out_hdr = buffer + ETLS_RECORD_COUNTER;
    mbedtls_ssl_update_out_pointers(ssl, ssl->transform_out);
}

static void drop_out(etls_session *session)
{
    if (session->records.out_capacity != 0) {
        point_out(session, session->records.out_stub, 0);
    }
}

int32_t etls_records_reserve(etls_session *session, uint32_t length)
{
    uint32_t capacity = length + overhead();
    drop_out(session);
    if (capacity <= ETLS_RECORD_OUT_STUB) {
        return ETLS_OK;
    }
    uint8_t *buffer = etls_alloc(session->core, capacity);
    if (buffer == NULL) {
        return ETLS_ERR_OUT_OF_MEMORY;
    }
    point_out(session, buffer, capacity);
    return ETLS_OK;
}

int32_t etls_records_reserve_step(etls_session *session)
{
    int32_t error = etls_records_reserve(session, etls_room(session));
    if (error == ETLS_OK) {
        narrow_in(session);
    }
    return error;
}

uint8_t *etls_records_output(const etls_session *session, uint32_t *length)
{
    const mbedtls_ssl_context *ssl = &session->ssl;
    *length = (uint32_t) ssl->out_left;
    return ssl->out_hdr - ssl->out_left;
}

void etls_records_sent(etls_session *session, uint32_t length)
{
    session->records.send_credit = length;
    (void) mbedtls_ssl_flush_output(&session->ssl);
    session->records.send_credit = 0;
    if (session->ssl.out_left == 0) {
        drop_out(session);
    }
}

void etls_records_free(etls_session *session)
{
    mbedtls_ssl_context *ssl = &session->ssl;
    if (session->records.in_capacity != 0) {
        etls_wipe_free(session->core, ssl->in_buf, session->records.in_capacity);
    }
    if (session->records.out_capacity != 0) {
        etls_wipe_free(session->core, ssl->out_buf, session->records.out_capacity);
    }
    /* mbedtls_ssl_free() would wipe 16 KB from here. */
    ssl->in_buf = NULL;
    ssl->out_buf = NULL;
    etls_lean_free(session);
    mbedtls_ssl_free(ssl);
    mbedtls_platform_zeroize(&session->records, sizeof(session->records));
}
