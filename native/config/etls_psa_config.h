/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What TLS 1.3 of Mbed TLS 3.6 asks of PSA: its key schedule and key exchange, nothing else. Above
 * all no RSA keys, whose longest export would lie in every handshake's state (430 bytes).
 */
#ifndef ETLS_PSA_CONFIG_H
#define ETLS_PSA_CONFIG_H

#define PSA_WANT_ALG_ECDH 1                 /* key exchange */
#define PSA_WANT_KEY_TYPE_ECC_PUBLIC_KEY 1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_BASIC 1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_IMPORT 1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_EXPORT 1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_GENERATE 1
#define PSA_WANT_ECC_MONTGOMERY_255 1
#define PSA_WANT_ECC_SECP_R1_256 1
#define PSA_WANT_ECC_SECP_R1_384 1
#define PSA_WANT_ALG_HKDF_EXTRACT 1         /* key schedule, RFC 8446 section 7.1 */
#define PSA_WANT_ALG_HKDF_EXPAND 1
#define PSA_WANT_ALG_HMAC 1
#define PSA_WANT_KEY_TYPE_HMAC 1
#define PSA_WANT_KEY_TYPE_DERIVE 1
#define PSA_WANT_ALG_SHA_256 1
#define PSA_WANT_ALG_SHA_384 1

#endif
