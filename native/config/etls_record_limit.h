/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before ssl_tls13_generic.c, and before it only (native/sources.mjs): there
 * MBEDTLS_SSL_IN_CONTENT_LEN is used for one thing, the record size limit (RFC 8449) that is asked
 * of the peer. A variable in its place lets each context ask for its own; the assertion on it wants
 * a constant, so it goes, and context.c checks the range.
 */
#ifndef ETLS_RECORD_LIMIT_H
#define ETLS_RECORD_LIMIT_H

#include "common.h"

#undef MBEDTLS_STATIC_ASSERT
#define MBEDTLS_STATIC_ASSERT(expression, message)

extern size_t etls_records_asked;
#undef MBEDTLS_SSL_IN_CONTENT_LEN
#define MBEDTLS_SSL_IN_CONTENT_LEN etls_records_asked

#endif
