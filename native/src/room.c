/* SPDX-License-Identifier: Apache-2.0 */
/* How much a handshake step may write at most, by its state: what records.c makes room for. */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "core.h"

#include <ssl_misc.h>
#include <string.h>

/* Bytes of handshake messages without what the caller chose (names, chains). */
#define ROOM_HELLO 720u /* 80 for a ticket's binder */
#define ROOM_CERTIFICATE 64u /* and ROOM_PER_CERTIFICATE for each */
#define ROOM_PER_CERTIFICATE 8u
#define ROOM_FINISHED 64u /* a header of 4 bytes and a MAC of 48 at most */
#define ROOM_POINT 128u   /* a header and a point of P-384: 102 */
#define ROOM_SIGNED 768u /* an RSA-4096 signature with a P-384 point is the largest: 630 */

/* A session's ticket that is offered; its binder is in ROOM_HELLO. */
static uint32_t ticket_room(const etls_session *session)
{
    const mbedtls_ssl_session *offered = session->ssl.session_negotiate;
#if ETLS_HAS_SESSIONS
    return offered != NULL ? (uint32_t) offered->ticket_len : 0;
#else
    (void) offered;
    return 0;
#endif
}

static uint32_t hello_room(const etls_session *session)
{
    uint32_t room = ROOM_HELLO + session->context->alpn_length + ticket_room(session);
    if (session->host != NULL) {
        room += (uint32_t) strlen(session->host);
    }
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && defined(MBEDTLS_SSL_CLI_C)
    if (session->ssl.handshake != NULL) {
        room += session->ssl.handshake->cookie_len;
    }
#endif
    return room;
}

static uint32_t certificate_room(const etls_session *session)
{
    uint32_t room = ROOM_CERTIFICATE + session->context->chain_length;
    for (const mbedtls_x509_crt *own = session->context->chain; own != NULL; own = own->next) {
        room += ROOM_PER_CERTIFICATE;
    }
    return room;
}

uint32_t etls_room(const etls_session *session)
{
    bool client = session->context->role == ETLS_CLIENT;
    switch (session->ssl.state) {
    case MBEDTLS_SSL_CLIENT_HELLO:
        return client ? hello_room(session) : 0;
    case MBEDTLS_SSL_SERVER_HELLO:
    case MBEDTLS_SSL_ENCRYPTED_EXTENSIONS:
        return client ? 0 : hello_room(session);
    case MBEDTLS_SSL_SERVER_CERTIFICATE:
        return client ? 0 : certificate_room(session);
    case MBEDTLS_SSL_CLIENT_CERTIFICATE:
        return client ? certificate_room(session) : 0;
    case MBEDTLS_SSL_SERVER_KEY_EXCHANGE:
    case MBEDTLS_SSL_CERTIFICATE_REQUEST:
        return client ? 0 : ROOM_SIGNED;
    case MBEDTLS_SSL_SERVER_HELLO_DONE:
    case MBEDTLS_SSL_SERVER_FINISHED:
        return client ? 0 : ROOM_FINISHED;
    case MBEDTLS_SSL_CLIENT_KEY_EXCHANGE:
        return client ? ROOM_POINT : 0;
    case MBEDTLS_SSL_CLIENT_FINISHED:
        return client ? ROOM_FINISHED : 0;
    case MBEDTLS_SSL_CLIENT_CHANGE_CIPHER_SPEC:
    case MBEDTLS_SSL_SERVER_CHANGE_CIPHER_SPEC:
    case MBEDTLS_SSL_HELLO_REQUEST:
    case MBEDTLS_SSL_FLUSH_BUFFERS:
    case MBEDTLS_SSL_HANDSHAKE_WRAPUP:
    case MBEDTLS_SSL_NEW_SESSION_TICKET:
        return 0;
    default:
        return ROOM_SIGNED;
    }
}
