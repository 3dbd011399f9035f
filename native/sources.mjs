// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** The one list of what is compiled, for every host and chip. Ports add their own folder. */

/** Our files, in native/src. */
export const core = [
    "aes.c", "arena.c", "bundle.c", "clock.c", "common_name.c", "constraints.c", "context.c", "core.c", "der.c",
    "diagnose.c", "entropy.c", "error.c", "fragments.c", "gcm.c", "health.c", "key_update.c", "lean.c", "name.c", "path.c", "profile.c",
    "psa.c", "records.c", "reduce.c", "report.c", "resume.c", "room.c", "session.c", "sha2.c", "trust.c", "verify.c",
];

/** Mbed TLS's, in library/. Those of features that are not configured compile to nothing. */
export const mbedtls = [
    "aes.c", "asn1parse.c", "asn1write.c", "bignum.c", "bignum_core.c", "bignum_mod.c",
    "bignum_mod_raw.c", "block_cipher.c", "chacha20.c", "chachapoly.c", "cipher.c",
    "cipher_wrap.c", "constant_time.c", "ctr_drbg.c", "ecdh.c", "ecdsa.c", "ecp.c",
    "ecp_curves.c", "ecp_curves_new.c", "gcm.c", "hkdf.c", "hmac_drbg.c", "md.c",
    "oid.c", "pk.c", "pk_ecc.c", "pk_wrap.c", "pkparse.c", "platform.c", "platform_util.c",
    "poly1305.c", "psa_util.c", "rsa.c",
    "rsa_alt_helpers.c", "sha256.c", "sha512.c", "ssl_ciphersuites.c", "ssl_client.c",
    "ssl_msg.c", "ssl_tls.c", "ssl_tls12_client.c", "ssl_tls12_server.c", "ssl_tls13_client.c",
    "ssl_tls13_generic.c", "ssl_tls13_keys.c", "ssl_tls13_server.c", "x509.c", "x509_crt.c",
];

/** What is compiled with flags of its own. @type {Record<string, string[]>} */
export const special = {
    "ecdsa.c": ["-include", "etls_inverse.h"],
    "ecp.c": ["-include", "etls_inverse.h"],
    "ecp_curves.c": ["-include", "etls_group.h"],
    "pk_wrap.c": ["-include", "etls_rsa_use.h"],
    "pkparse.c": ["-include", "etls_rsa_use.h"],
    "rsa.c": ["-include", "etls_rsa_whole.h"],
    "sha256.c": ["-include", "etls_own_sha2.h"],
    "sha512.c": ["-include", "etls_own_sha2.h"],
    "ssl_tls.c": ["-include", "etls_verify_route.h", "-include", "etls_no_identity.h"],
    "ssl_tls12_client.c": ["-include", "etls_rsa_pss.h", "-include", "etls_verify_route.h", "-include", "etls_no_identity.h"],
    "ssl_tls12_server.c": ["-include", "etls_server_tickets.h"],
    "ssl_tls13_keys.c": ["-include", "etls_transform_free.h"],
    "ssl_tls13_server.c": ["-include", "etls_server_tickets.h"],
    "ssl_tls13_generic.c": ["-include", "etls_record_limit.h", "-include", "etls_verify_route.h"],
};

/** Warnings on our own files are errors. */
export const warnings = [
    "-std=c99", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wshadow", "-Wstrict-prototypes",
    "-Wmissing-prototypes", "-Wundef", "-Wpedantic",
];
