/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the peer's certificate to a trust anchor: RFC 5280 section 6, with a search through all
 * paths that the certificates at hand allow (RFC 4158). ssl_tls.c is compiled to call this in place
 * of Mbed TLS's own search, which takes the first path or none (native/config/etls_verify_route.h).
 *
 * Every issuer is sought among the anchors first, so that a path ends at the first certificate that
 * is trusted, whatever else the peer has sent: an expired cross-signature of a root that is in the
 * store is never looked at.
 */
#include "trust.h"

#include <mbedtls/oid.h>
#include <string.h>

#define MOST_SIGNATURES 24u     /* verified for one peer: each costs a board up to a second */
#define MOST_COMPARISONS 65536u /* of a name with a constraint */

/* What was found so far. */
typedef enum { FOUND_NOTHING, FOUND_DEAD_END, FOUND_FLAWED, FOUND_GOOD } found;

typedef struct {
    etls_session *session;
    mbedtls_x509_crt *peers; /* what the peer sent, its own first */
    mbedtls_x509_crt *path[ETLS_MAX_CHAIN + 1]; /* its own first, an anchor last */
    uint32_t length;
    uint32_t signatures;
    uint32_t comparisons;
    uint32_t key_flags; /* of the peer's own key */
    found best;
    mbedtls_x509_time now;
} search;

/* Flags of the certificates of a path. */
typedef struct {
    uint32_t flags[ETLS_MAX_CHAIN + 1];
    uint8_t rules[ETLS_MAX_CHAIN + 1];
    bool anchored;
    bool listed; /* the peer's own certificate is itself an anchor */
} findings;

/* ---- one certificate ---- */

static bool is_ca(const mbedtls_x509_crt *certificate)
{
    return certificate->MBEDTLS_PRIVATE(ca_istrue) != 0;
}

static bool is_weak(const mbedtls_x509_crt *certificate)
{
    mbedtls_md_type_t md = certificate->MBEDTLS_PRIVATE(sig_md);
    return md != MBEDTLS_MD_SHA256 && md != MBEDTLS_MD_SHA384 && md != MBEDTLS_MD_SHA512;
}

/* Tells which weak hash it was. None is in the build, so such a signature never counts. */
static uint32_t hash_flags(const mbedtls_x509_crt *certificate)
{
    switch (certificate->MBEDTLS_PRIVATE(sig_md)) {
    case MBEDTLS_MD_SHA1:
        return ETLS_FLAG_BAD_MD | ETLS_FLAG_SHA1;
    case MBEDTLS_MD_MD5:
        return ETLS_FLAG_BAD_MD | ETLS_FLAG_MD5;
    default:
        return ETLS_FLAG_BAD_MD;
    }
}

static uint32_t date_flags(const search *in, const mbedtls_x509_crt *certificate)
{
    uint32_t flags = 0;
    flags |= mbedtls_x509_time_cmp(&certificate->valid_from, &in->now) > 0 ? ETLS_FLAG_FUTURE : 0;
    flags |= mbedtls_x509_time_cmp(&certificate->valid_to, &in->now) < 0 ? ETLS_FLAG_EXPIRED : 0;
    return flags;
}

/* RFC 5280 section 4.2.1.12; authorities with this extension pass no more on than they have. */
static uint32_t purpose_flags(const search *in, const mbedtls_x509_crt *certificate)
{
    bool client = in->session->context->role == ETLS_CLIENT;
    const char *use = client ? MBEDTLS_OID_SERVER_AUTH : MBEDTLS_OID_CLIENT_AUTH;
    bool good = mbedtls_x509_crt_check_extended_key_usage(certificate, use, strlen(use)) == 0;
    return good ? 0 : ETLS_FLAG_EXT_KEY_USAGE;
}

static uint32_t authority_flags(const mbedtls_x509_crt *certificate)
{
    bool signs =
        mbedtls_x509_crt_check_key_usage(certificate, MBEDTLS_X509_KU_KEY_CERT_SIGN) == 0;
    return (is_ca(certificate) ? 0 : ETLS_FLAG_NOT_CA) | (signs ? 0 : ETLS_FLAG_KEY_USAGE);
}

/* The peer's own: every key exchange of the build is signed by it, section 4.2.1.3. */
static uint32_t leaf_flags(const search *in, const findings *about, const mbedtls_x509_crt *leaf)
{
    bool alone = in->length == 1 && !about->anchored;
    bool signs =
        mbedtls_x509_crt_check_key_usage(leaf, MBEDTLS_X509_KU_DIGITAL_SIGNATURE) == 0;
    uint32_t flags = signs ? 0 : ETLS_FLAG_KEY_USAGE;
    if (is_ca(leaf) && !about->listed) {
        flags |= ETLS_FLAG_CA_AS_LEAF;
    }
    if (alone && etls_trust_self_issued(leaf)) {
        flags |= ETLS_FLAG_SELF_SIGNED;
    } else if (alone && in->peers->next == NULL) {
        flags |= ETLS_FLAG_NO_INTERMEDIATE;
    }
    if (in->session->host != NULL) {
        flags |= etls_name_check(in->session, leaf) | etls_name_check_common(leaf);
    }
    return flags;
}

static void check_certificate(const search *in, findings *about, uint32_t i)
{
    const mbedtls_x509_crt *certificate = in->path[i];
    bool anchor = about->anchored && i + 1 == in->length;
    etls_position position = i == 0 ? ETLS_LEAF : anchor ? ETLS_ANCHOR : ETLS_INTERMEDIATE;
    uint32_t rule = 0;
    uint32_t flags = date_flags(in, certificate) | purpose_flags(in, certificate);
    flags |= i == 0 ? leaf_flags(in, about, certificate) | in->key_flags
                    : authority_flags(certificate); /* its key was found good before it was used */
    /* Anchors of a bundle have no certificate; one that the program named has been judged by it. */
    if (certificate->raw.p != NULL && !about->listed) {
        flags |= etls_profile_check(certificate, position, &rule);
    }
    about->flags[i] |= flags;
    about->rules[i] = (uint8_t) rule;
}

/* ---- a whole path ---- */

/* Section 6.1.4 (l) and (m), from the anchor down: certificates that issue themselves do not count. */
static void check_lengths(const search *in, findings *about)
{
    uint32_t allowed = in->session->context->max_path;
    for (uint32_t i = in->length; i-- > 1;) {
        const mbedtls_x509_crt *authority = in->path[i];
        bool anchor = about->anchored && i + 1 == in->length;
        if (!anchor && !etls_trust_self_issued(authority)) {
            if (allowed == 0) {
                about->flags[i] |= ETLS_FLAG_PATH_LENGTH;
                return;
            }
            allowed--;
        }
        uint32_t own = (uint32_t) authority->MBEDTLS_PRIVATE(max_pathlen); /* 0: none, else one more */
        if (own != 0 && own - 1 < allowed) {
            allowed = own - 1;
        }
    }
}

/* Section 6.1.3 (b) and (c): what each authority allows, for all below it. */
static void check_constraints(search *in, findings *about)
{
    for (uint32_t i = in->length; i-- > 1;) {
        etls_der constraints;
        if (!etls_profile_find(in->path[i], &constraints)) {
            continue;
        }
        for (uint32_t below = i; below-- > 0;) {
            const mbedtls_x509_crt *certificate = in->path[below];
            bool counts = below == 0 || !etls_trust_self_issued(certificate);
            if (counts && !etls_constraints_allow(constraints, certificate, &in->comparisons)) {
                about->flags[below] |= ETLS_FLAG_NAME_CONSTRAINTS;
            }
        }
    }
}

/* Judges the path at hand, and keeps what is found when it tells more than what was before. */
static void judge(search *in, bool anchored, bool listed)
{
    findings about;
    uint32_t all = 0;
    memset(&about, 0, sizeof(about));
    about.anchored = anchored;
    about.listed = listed;
    if (!anchored) {
        uint32_t top = in->length - 1;
        about.flags[top] |= ETLS_FLAG_NOT_TRUSTED;
        /* Of a root that is not known it does not matter what signed it. */
        if (is_weak(in->path[top]) && (top == 0 || !etls_trust_self_issued(in->path[top]))) {
            about.flags[top] |= hash_flags(in->path[top]);
        }
    }
    for (uint32_t i = 0; i < in->length; i++) {
        check_certificate(in, &about, i);
    }
    check_lengths(in, &about);
    check_constraints(in, &about);
    for (uint32_t i = 0; i < in->length; i++) {
        all |= about.flags[i];
    }
    found now = !anchored ? FOUND_DEAD_END : all != 0 ? FOUND_FLAWED : FOUND_GOOD;
    if (now > in->best) {
        in->best = now;
        for (uint32_t i = 0; i < in->length; i++) {
            (void) etls_lean_bring_key(in->path[i]); /* for the reports */
        }
        etls_trust_tell(in->session, in->path, about.flags, about.rules, in->length);
    }
}

/* ---- the search ---- */

static bool differ(const mbedtls_x509_buf *a, const mbedtls_x509_buf *b)
{
    return a->p != NULL && b->p != NULL && !etls_trust_same(a, b);
}

/* By names, and by key identifiers where both have them. */
static bool may_issue(const mbedtls_x509_crt *issuer, const mbedtls_x509_crt *child)
{
    return etls_trust_same(&issuer->subject_raw, &child->issuer_raw) &&
           !differ(&issuer->subject_key_id, &child->authority_key_id.keyIdentifier);
}

/* Section 6.1.3 (a)(1). Counts, so that no peer can ask for too much. */
static bool is_signed_by(search *in, const mbedtls_x509_crt *child, mbedtls_x509_crt *issuer)
{
    uint8_t hash[MBEDTLS_MD_MAX_SIZE];
    mbedtls_md_type_t md = child->MBEDTLS_PRIVATE(sig_md);
    mbedtls_pk_type_t algorithm = child->MBEDTLS_PRIVATE(sig_pk);
    const mbedtls_x509_buf *signature = &child->MBEDTLS_PRIVATE(sig);
    const mbedtls_md_info_t *info = mbedtls_md_info_from_type(md);
    if (in->signatures == 0 || !etls_lean_bring_key(issuer) ||
        etls_profile_check_key(&issuer->pk) != 0 ||
        !mbedtls_pk_can_do(&issuer->pk, algorithm) || info == NULL ||
        mbedtls_md(info, child->tbs.p, child->tbs.len, hash) != 0 ||
        !etls_lean_prepare_key(&issuer->pk)) {
        return false;
    }
    in->signatures--;
    etls_count_signature();
    int result = mbedtls_pk_verify_ext(algorithm, child->MBEDTLS_PRIVATE(sig_opts), &issuer->pk, md, hash,
                                       mbedtls_md_get_size(info), signature->p, signature->len);
    etls_lean_forget_key(&issuer->pk);
    return result == 0;
}

/* Whether a certificate would close a loop: the same name and key, RFC 4158 section 5.2. */
static bool is_on_path(const search *in, const mbedtls_x509_crt *certificate)
{
    for (uint32_t i = 0; i < in->length; i++) {
        if (etls_trust_same(&in->path[i]->subject_raw, &certificate->subject_raw) &&
            etls_trust_same(&in->path[i]->pk_raw, &certificate->pk_raw)) {
            return true;
        }
    }
    return false;
}

static bool try_anchors(search *in, const mbedtls_x509_crt *child)
{
    mbedtls_x509_crt *candidates = NULL;
    bool any = false;
    (void) etls_trust_find(in->session->context, child, &candidates);
    for (mbedtls_x509_crt *anchor = candidates; anchor != NULL && in->best != FOUND_GOOD;
         anchor = anchor->next) {
        if (may_issue(anchor, child) && is_signed_by(in, child, anchor)) {
            in->path[in->length++] = anchor;
            judge(in, true, false);
            in->length--;
            any = true;
        }
    }
    etls_trust_drop(candidates);
    return any;
}

/* Goes on from the last certificate of the path. Recursion: as deep as the peer's chain at most. */
static void extend(search *in)
{
    mbedtls_x509_crt *child = in->path[in->length - 1];
    etls_lean_put_key_away(child); /* it has served; memory is needed for the one above */
    bool any = !is_weak(child) && try_anchors(in, child);
    mbedtls_x509_crt *issuer = in->peers->next;
    for (; issuer != NULL && in->best != FOUND_GOOD && !is_weak(child); issuer = issuer->next) {
        if (may_issue(issuer, child) && !is_on_path(in, issuer) &&
            is_signed_by(in, child, issuer)) {
            any = true;
            in->path[in->length++] = issuer;
            extend(in);
            in->length--;
        }
    }
    if (!any) {
        judge(in, false, false);
    }
}

int etls_trust_judge(etls_session *session, mbedtls_x509_crt *chain)
{
    search in;
    memset(&in, 0, sizeof(in));
    in.session = session;
    in.peers = chain;
    in.path[in.length++] = chain;
    in.signatures = MOST_SIGNATURES;
    in.comparisons = MOST_COMPARISONS;
    in.key_flags = etls_profile_check_key(&chain->pk);
    if (mbedtls_x509_time_gmtime(etls_clock_now(), &in.now) != 0) {
        return MBEDTLS_ERR_X509_FATAL_ERROR;
    }
    etls_lean_before_verify(session);
    if (etls_trust_has(session->context, chain)) {
        judge(&in, true, true);
    } else {
        extend(&in);
    }
    if (in.best < FOUND_FLAWED) {
        etls_diagnose_gap(session);
    }
    (void) etls_lean_bring_key(chain); /* the handshake goes on with it */
    if (session->core->arena.refused != session->refused) {
        return MBEDTLS_ERR_X509_ALLOC_FAILED; /* whatever it looks like from inside */
    }
    return session->verdict.error == ETLS_OK ? 0 : MBEDTLS_ERR_X509_CERT_VERIFY_FAILED;
}
