/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trimmed Mbed TLS 3.6: every line has its reason. What is not here is not in the build.
 * ETLS_PROFILE_SMALL is a TLS 1.2 client; the default, `full`, adds TLS 1.3 and the server.
 */
#ifndef ETLS_MBEDTLS_CONFIG_H
#define ETLS_MBEDTLS_CONFIG_H

#include <stddef.h>
#include <stdint.h>

/*
 * ---- what a profile may leave out: 1 or 0; docs/IMAGE.md tells what each takes of flash ----
 * Their entries are there all the same, and answer UNSUPPORTED.
 */
#if defined(ETLS_PROFILE_SMALL)
#if !defined(ETLS_HAS_IDENTITY)
#define ETLS_HAS_IDENTITY 0               /* own certificate and key, for servers that ask for one */
#endif
#if !defined(ETLS_HAS_SESSIONS)
#define ETLS_HAS_SESSIONS 0               /* sessions that are saved and resumed */
#endif
#define ETLS_INVERSE_BY_POWER 1           /* see etls_inverse.h: 0.9 KB less */
#define ETLS_REDUCE_BY_TABLE (UINTPTR_MAX <= 0xFFFFFFFFu) /* see reduce.c: 1.2 KB less; numbers in words of 32 bits */
#else
#define ETLS_HAS_IDENTITY 1
#define ETLS_HAS_SESSIONS 1
#define ETLS_INVERSE_BY_POWER 0
#define ETLS_REDUCE_BY_TABLE 0
#endif

/* ---- platform: all memory from the arena, time and entropy from etls_port.h ---------------- */
#define MBEDTLS_PLATFORM_C                /* needed by the macros below */
#define MBEDTLS_PLATFORM_MEMORY           /* calloc and free are ours … */
void *etls_mbedtls_calloc(size_t count, size_t length);
void etls_mbedtls_free(void *memory);
#define MBEDTLS_PLATFORM_CALLOC_MACRO etls_mbedtls_calloc /* … bound at build time */
#define MBEDTLS_PLATFORM_FREE_MACRO etls_mbedtls_free
#define MBEDTLS_HAVE_TIME                 /* certificates have dates */
#define MBEDTLS_HAVE_TIME_DATE            /* and they are checked */
typedef int64_t etls_time;
etls_time etls_mbedtls_time(etls_time *out);
#define MBEDTLS_PLATFORM_TIME_TYPE_MACRO etls_time /* 64 bits everywhere: 2038, and equal structs */
#define MBEDTLS_PLATFORM_TIME_MACRO etls_mbedtls_time
#define MBEDTLS_PLATFORM_MS_TIME_ALT      /* mbedtls_ms_time() in clock.c */
#define MBEDTLS_PLATFORM_GMTIME_R_ALT     /* mbedtls_platform_gmtime_r() in clock.c: no libc time zone code */
#define MBEDTLS_NO_PLATFORM_ENTROPY       /* no /dev/urandom: entropy.c seeds the DRBG */
#define MBEDTLS_DEPRECATED_REMOVED        /* nothing old by accident */

/* ---- symmetric ciphers and hashes ------------------------------------------------------------ */
#define MBEDTLS_CIPHER_C                  /* the record layer calls AEADs through it */
#define MBEDTLS_AES_C                     /* AES-128-GCM is what every server has */
#define MBEDTLS_AES_ENCRYPT_ALT           /* native/src/aes.c: one table of 256 bytes, 2.2 KB less … */
#define MBEDTLS_AES_SETKEY_ENC_ALT        /* … than Mbed TLS with MBEDTLS_AES_FEWER_TABLES */
#define MBEDTLS_AES_ROM_TABLES            /* no tables that are made in RAM */
#define MBEDTLS_BLOCK_CIPHER_NO_DECRYPT   /* GCM and the DRBG only encrypt blocks: 2.6 KB */
#define MBEDTLS_GCM_C                     /* the only AES mode: no CBC, so no padding oracles */
#define MBEDTLS_GCM_ALT                   /* native/src/gcm.c: no table in the context, 1.3 KB less */
#define MBEDTLS_CTR_DRBG_C                /* random numbers: NIST SP 800-90A */
#define MBEDTLS_CTR_DRBG_ENTROPY_LEN 32   /* bytes of a seed, full entropy */
#define MBEDTLS_CTR_DRBG_MAX_SEED_INPUT 128 /* seed and personalisation: 256 bytes of stack less … */
#define MBEDTLS_CTR_DRBG_MAX_INPUT 64     /* … in each of two functions */
#define MBEDTLS_MD_C                      /* hash interface of X.509 and TLS */
#define MBEDTLS_SHA256_C                  /* everywhere; this and the next two are native/src/sha2.c */
#define MBEDTLS_SHA384_C                  /* P-384 and many RSA intermediates are signed with it */
#define MBEDTLS_SHA512_C                  /* SHA-384's other half, and Ed25519-era RSA chains */
/*
 * Two weak hashes by name only, without their code: a certificate that is signed with one is read,
 * to be refused in the right words, and so is a root that signed itself with SHA-1 long ago.
 */
#define MBEDTLS_MD_CAN_SHA1
#define MBEDTLS_MD_CAN_MD5

/* ---- public keys ------------------------------------------------------------------------------- */
#define MBEDTLS_BIGNUM_C                  /* RSA and ECC */
#define MBEDTLS_MPI_MAX_SIZE 512          /* bytes: RSA-4096 roots */
#define MBEDTLS_ECP_C                     /* elliptic curves */
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED  /* P-256: most leaves */
#define MBEDTLS_ECP_DP_SECP384R1_ENABLED  /* P-384: ECDSA intermediates and roots */
#define MBEDTLS_ECP_WINDOW_SIZE 2         /* a table of 2 points instead of 8: 1.2 KB less at the peak */
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0   /* no table of the base point in RAM */
#define MBEDTLS_MPI_WINDOW_SIZE 1         /* own RSA keys: a table of 2 numbers instead of 8 */
#if !ETLS_REDUCE_BY_TABLE
#define MBEDTLS_ECP_NIST_OPTIM            /* reduction modulo the curves' primes, 4 to 8 times faster than division */
#endif
#define MBEDTLS_ECDH_C                    /* key exchange with forward secrecy */
#define MBEDTLS_ECDSA_C                   /* ECDSA chains */
#define MBEDTLS_RSA_C                     /* RSA chains */
#define MBEDTLS_PKCS1_V15                 /* RSA signatures of certificates */
#define MBEDTLS_PK_C                      /* key interface */
#define MBEDTLS_PK_PARSE_C                /* keys of certificates, own keys */
#define MBEDTLS_ASN1_PARSE_C              /* DER */
#define MBEDTLS_ASN1_WRITE_C              /* ECDSA signatures */
#define MBEDTLS_OID_C                     /* DER's names for things */

/* ---- X.509 ---------------------------------------------------------------------------------------- */
#define MBEDTLS_X509_USE_C                /* certificates … */
#define MBEDTLS_X509_CRT_PARSE_C          /* … parsed and checked; DER only, modules/pem.ts does PEM */
#define MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK /* anchors are parsed when a chain asks for them */
#define MBEDTLS_X509_REMOVE_INFO          /* no multi-line certificate text: report.c writes what is needed */
#define MBEDTLS_X509_MAX_INTERMEDIATE_CA (ETLS_MAX_CHAIN)

/* ---- TLS --------------------------------------------------------------------------------------------- */
#define MBEDTLS_SSL_TLS_C                 /* the record layer */
#define MBEDTLS_SSL_CLI_C                 /* client role */
#define MBEDTLS_SSL_PROTO_TLS1_2          /* still the only version of many servers */
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET /* RFC 7627: binds keys to the handshake */
#define MBEDTLS_SSL_SERVER_NAME_INDICATION /* SNI: most servers host many names */
#define MBEDTLS_SSL_ALPN                  /* MQTT on port 443 at AWS, HTTP/1.1 behind HTTP/2 servers */
#define MBEDTLS_SSL_MAX_FRAGMENT_LENGTH   /* RFC 6066: asks a server for small records, never relied upon */
#if ETLS_HAS_SESSIONS
#define MBEDTLS_SSL_SESSION_TICKETS       /* resumption: no certificate, no signature; see resume.c */
#endif
#define MBEDTLS_SSL_ALL_ALERT_MESSAGES    /* tell the peer what was wrong */
#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE /* TLS 1.3 of Mbed TLS 3.6 needs it */
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED /* forward secrecy only: no static RSA */
#define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED
/*
 * Variables: the room of the buffers that exist right now, kept by records.c, so that every bounds
 * check of Mbed TLS is exact. In #if they count as 0, which passes the checks made there.
 */
extern size_t etls_records_in_room; /* ETLS_MAX_RECORD_IN but for one step */
#define MBEDTLS_SSL_IN_CONTENT_LEN etls_records_in_room
extern size_t etls_records_room;
#define MBEDTLS_SSL_OUT_CONTENT_LEN etls_records_room
#define MBEDTLS_SSL_CID_TLS1_3_PADDING_GRANULARITY 1 /* no padding: shorter records */

/*
 * The cipher suites in the order of Mbed TLS, which is by strength; its own list of all that there are
 * takes 800 bytes and a walk through them.
 */
#define ETLS_CIPHERSUITES_TLS12_AES \
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, \
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, \
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, \
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256

#if defined(ETLS_PROFILE_SMALL)
#undef MBEDTLS_SSL_KEEP_PEER_CERTIFICATE
#define MBEDTLS_SSL_CIPHERSUITES ETLS_CIPHERSUITES_TLS12_AES
#else
#define MBEDTLS_SSL_CIPHERSUITES \
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256, \
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384, \
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256, \
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, \
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, \
    ETLS_CIPHERSUITES_TLS12_AES
#define MBEDTLS_ECP_DP_CURVE25519_ENABLED /* X25519: the fastest key exchange; 2 KB */
#define MBEDTLS_PKCS1_V21                 /* RSA-PSS: TLS 1.3 handshake signatures */
#define MBEDTLS_X509_RSASSA_PSS_SUPPORT   /* Mbed TLS offers RSA-PSS to its peers only with it */
#define MBEDTLS_SSL_SRV_C                 /* server role */
#define MBEDTLS_SSL_PROTO_TLS1_3          /* RFC 8446 */
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED /* certificates with (EC)DHE */
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL_ENABLED /* … and tickets, with (EC)DHE too */
#define MBEDTLS_SSL_TLS1_3_COMPATIBILITY_MODE /* RFC 8446 D.4: middleboxes */
#define MBEDTLS_SSL_RECORD_SIZE_LIMIT     /* RFC 8449: the same for TLS 1.3, see etls_record_limit.h */
#define MBEDTLS_PSA_CRYPTO_C              /* TLS 1.3 of Mbed TLS 3.6 is written on PSA: native/src/psa.c */
#define MBEDTLS_PSA_CRYPTO_CONFIG         /* no more of it than that: etls_psa_config.h */
#define MBEDTLS_PSA_CRYPTO_CONFIG_FILE "etls_psa_config.h"
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG   /* with our DRBG, not a second one */
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS /* nobody else sees our memory: no copies of arguments */
#define MBEDTLS_HKDF_C                    /* TLS 1.3 key schedule */
#define MBEDTLS_CHACHA20_C                /* faster than AES on chips without AES hardware */
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C
#endif

#include "etls_budget.h"

#endif
