/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handshake messages whose header of 4 bytes comes in several records, which RFC 8446 section 5.1
 * allows and Mbed TLS 3.6 refuses. What this relies on:
 *
 * - mbedtls_ssl_prepare_handshake_record() refuses a record that begins with less than a header by
 *   INVALID_RECORD, without an alert, and leaves the bytes at `in_msg`. Whoever asked for the message
 *   returns that as it would return WANT_READ, and asks again.
 * - Of a message that has begun it joins what follows to what is there, without a look at the header,
 *   until there are `in_hslen` bytes.
 * - When `in_hslen` is less than `in_msglen`, the next message begins behind it in the same record.
 */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "core.h"

#include <ssl_misc.h>
#include <string.h>

#define MESSAGE_HEADER 4u
/* The length of a message whose header is incomplete. */
#define UNKNOWN SIZE_MAX

/* Where a joined message begins. */
static uint8_t *payload(const mbedtls_ssl_context *ssl)
{
    return ssl->in_buf + ETLS_RECORD_COUNTER + ETLS_RECORD_HEADER;
}

/* Makes Mbed TLS wait for more of a message that has begun. */
static void begin(mbedtls_ssl_context *ssl)
{
    memmove(payload(ssl), ssl->in_msg, ssl->in_msglen);
    ssl->badmac_seen_or_in_hsfraglen = (unsigned) ssl->in_msglen;
    ssl->in_hdr = payload(ssl) + ssl->in_msglen;
    ssl->in_msglen = 0;
    ssl->in_hslen = UNKNOWN;
    mbedtls_ssl_update_in_pointers(ssl);
}

/* Makes it go on with the message, and others, behind one of a single byte that it is done with. */
static void finish(mbedtls_ssl_context *ssl, size_t length)
{
    memmove(payload(ssl) + 1, payload(ssl), length); /* the last record's header has left room */
    ssl->badmac_seen_or_in_hsfraglen = 0;
    ssl->in_hdr = ssl->in_buf + ETLS_RECORD_COUNTER;
    mbedtls_ssl_update_in_pointers(ssl);
    ssl->in_msglen = length + 1;
    ssl->in_hslen = 1;
}

int etls_fragments_join(etls_session *session, int result)
{
    mbedtls_ssl_context *ssl = &session->ssl;
    size_t length = ssl->badmac_seen_or_in_hsfraglen;
    if (result == MBEDTLS_ERR_SSL_INVALID_RECORD && length == 0 &&
        ssl->in_msgtype == MBEDTLS_SSL_MSG_HANDSHAKE && ssl->in_msglen != 0 &&
        ssl->in_msglen < MESSAGE_HEADER) {
        begin(ssl);
        session->records.starved = true;
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    if (length >= MESSAGE_HEADER && ssl->in_hslen == UNKNOWN) {
        const uint8_t *header = payload(ssl);
        ssl->in_hslen =
            MESSAGE_HEADER + ((size_t) header[1] << 16 | (size_t) header[2] << 8 | header[3]);
        if (length >= ssl->in_hslen) {
            finish(ssl, length);
            session->records.starved = false;
        }
    }
    return result;
}
