/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before ssl_tls12_server.c and ssl_tls13_server.c, and before them only
 * (native/sources.mjs): servers give out no tickets and take none, which saves 4 KB of flash. All headers
 * are read before the macros go, so that no type differs from the rest of the build.
 */
#ifndef ETLS_SERVER_TICKETS_H
#define ETLS_SERVER_TICKETS_H

#include "common.h"
#include "ssl_misc.h"
#include "ssl_debug_helpers.h"
#include "ssl_tls13_keys.h"
#include <mbedtls/ssl.h>

#undef MBEDTLS_SSL_SESSION_TICKETS
#undef MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL_ENABLED
#undef MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_SOME_PSK_ENABLED

#endif
