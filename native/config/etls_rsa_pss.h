/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before ssl_tls12_client.c, and before it only (native/sources.mjs): it accepts an RSA-PSS
 * signature of a server, which it verifies without PSA, only where PSA has RSA-PSS. All headers
 * are read before the macro is defined, so that no type differs from the rest of the build.
 */
#ifndef ETLS_RSA_PSS_H
#define ETLS_RSA_PSS_H

#include "common.h"
#include "ssl_misc.h"
#include <psa/crypto.h>

#define PSA_WANT_ALG_RSA_PSS 1

#endif
