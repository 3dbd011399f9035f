# SPDX-License-Identifier: Apache-2.0
# Written by native/tools/generate.mjs from native/sources.mjs; do not edit.
ETLS_SOURCE = $(ETLS_ROOT)/build/mbedtls-3.6.7
ETLS_CORE = aes.c \
    arena.c \
    bundle.c \
    clock.c \
    common_name.c \
    constraints.c \
    context.c \
    core.c \
    der.c \
    diagnose.c \
    entropy.c \
    error.c \
    fragments.c \
    gcm.c \
    health.c \
    key_update.c \
    lean.c \
    name.c \
    path.c \
    profile.c \
    psa.c \
    records.c \
    reduce.c \
    report.c \
    resume.c \
    room.c \
    session.c \
    sha2.c \
    trust.c \
    verify.c
ETLS_MBEDTLS = aes.c \
    asn1parse.c \
    asn1write.c \
    bignum.c \
    bignum_core.c \
    bignum_mod.c \
    bignum_mod_raw.c \
    block_cipher.c \
    chacha20.c \
    chachapoly.c \
    cipher.c \
    cipher_wrap.c \
    constant_time.c \
    ctr_drbg.c \
    ecdh.c \
    ecdsa.c \
    ecp.c \
    ecp_curves.c \
    ecp_curves_new.c \
    gcm.c \
    hkdf.c \
    hmac_drbg.c \
    md.c \
    oid.c \
    pk.c \
    pk_ecc.c \
    pk_wrap.c \
    pkparse.c \
    platform.c \
    platform_util.c \
    poly1305.c \
    psa_util.c \
    rsa.c \
    rsa_alt_helpers.c \
    sha256.c \
    sha512.c \
    ssl_ciphersuites.c \
    ssl_client.c \
    ssl_msg.c \
    ssl_tls.c \
    ssl_tls12_client.c \
    ssl_tls12_server.c \
    ssl_tls13_client.c \
    ssl_tls13_generic.c \
    ssl_tls13_keys.c \
    ssl_tls13_server.c \
    x509.c \
    x509_crt.c
ETLS_FLAGS_ecdsa = -include etls_inverse.h
ETLS_FLAGS_ecp = -include etls_inverse.h
ETLS_FLAGS_ecp_curves = -include etls_group.h
ETLS_FLAGS_pk_wrap = -include etls_rsa_use.h
ETLS_FLAGS_pkparse = -include etls_rsa_use.h
ETLS_FLAGS_rsa = -include etls_rsa_whole.h
ETLS_FLAGS_sha256 = -include etls_own_sha2.h
ETLS_FLAGS_sha512 = -include etls_own_sha2.h
ETLS_FLAGS_ssl_tls = -include etls_verify_route.h -include etls_no_identity.h
ETLS_FLAGS_ssl_tls12_client = -include etls_rsa_pss.h -include etls_verify_route.h -include etls_no_identity.h
ETLS_FLAGS_ssl_tls12_server = -include etls_server_tickets.h
ETLS_FLAGS_ssl_tls13_keys = -include etls_transform_free.h
ETLS_FLAGS_ssl_tls13_server = -include etls_server_tickets.h
ETLS_FLAGS_ssl_tls13_generic = -include etls_record_limit.h -include etls_verify_route.h
