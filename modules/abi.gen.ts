// SPDX-License-Identifier: Apache-2.0
// Written by native/tools/generate.mjs from native/include/etls.h; do not edit.

/**
 * Numbers of the C ABI: entries (`ENTRY_…`) and the values of its enums.
 *
 * @module
 */

/** The version of the ABI that these numbers are of. */
export const ABI_VERSION = 2;

/** Entry `etls_abi`. */
export const ENTRY_ABI = 0;
/** Entry `etls_open`. */
export const ENTRY_OPEN = 1;
/** Entry `etls_close`. */
export const ENTRY_CLOSE = 2;
/** Entry `etls_stat`. */
export const ENTRY_STAT = 3;
/** Entry `etls_stat_reset`. */
export const ENTRY_STAT_RESET = 4;
/** Entry `etls_context_new`. */
export const ENTRY_CONTEXT_NEW = 5;
/** Entry `etls_context_set`. */
export const ENTRY_CONTEXT_SET = 6;
/** Entry `etls_context_add_ca`. */
export const ENTRY_CONTEXT_ADD_CA = 7;
/** Entry `etls_context_add_cert`. */
export const ENTRY_CONTEXT_ADD_CERT = 8;
/** Entry `etls_context_set_key`. */
export const ENTRY_CONTEXT_SET_KEY = 9;
/** Entry `etls_context_add_alpn`. */
export const ENTRY_CONTEXT_ADD_ALPN = 10;
/** Entry `etls_context_free`. */
export const ENTRY_CONTEXT_FREE = 11;
/** Entry `etls_session_new`. */
export const ENTRY_SESSION_NEW = 12;
/** Entry `etls_session_step`. */
export const ENTRY_SESSION_STEP = 13;
/** Entry `etls_session_feed`. */
export const ENTRY_SESSION_FEED = 14;
/** Entry `etls_session_eof`. */
export const ENTRY_SESSION_EOF = 15;
/** Entry `etls_session_sent`. */
export const ENTRY_SESSION_SENT = 16;
/** Entry `etls_session_read`. */
export const ENTRY_SESSION_READ = 17;
/** Entry `etls_session_write`. */
export const ENTRY_SESSION_WRITE = 18;
/** Entry `etls_session_shutdown`. */
export const ENTRY_SESSION_SHUTDOWN = 19;
/** Entry `etls_session_get`. */
export const ENTRY_SESSION_GET = 20;
/** Entry `etls_session_free`. */
export const ENTRY_SESSION_FREE = 21;
/** Entry `etls_report`. */
export const ENTRY_REPORT = 22;
/** Entry `etls_report_data`. */
export const ENTRY_REPORT_DATA = 23;
/** Entry `etls_fault`. */
export const ENTRY_FAULT = 24;
/** Entry `etls_clock_set`. */
export const ENTRY_CLOCK_SET = 25;
/** Entry `etls_entropy_add`. */
export const ENTRY_ENTROPY_ADD = 26;
/** Entry `etls_entropy_save`. */
export const ENTRY_ENTROPY_SAVE = 27;
/** Entry `etls_session_verify`. */
export const ENTRY_SESSION_VERIFY = 28;
/** Entry `etls_session_offer`. */
export const ENTRY_SESSION_OFFER = 29;
/** Entry `etls_session_forget`. */
export const ENTRY_SESSION_FORGET = 30;
/** Entry `etls_context_add_bundle`. */
export const ENTRY_CONTEXT_ADD_BUNDLE = 31;

/** The C names of the entries, by number. */
export const ENTRY_NAMES = [
    "etls_abi",
    "etls_open",
    "etls_close",
    "etls_stat",
    "etls_stat_reset",
    "etls_context_new",
    "etls_context_set",
    "etls_context_add_ca",
    "etls_context_add_cert",
    "etls_context_set_key",
    "etls_context_add_alpn",
    "etls_context_free",
    "etls_session_new",
    "etls_session_step",
    "etls_session_feed",
    "etls_session_eof",
    "etls_session_sent",
    "etls_session_read",
    "etls_session_write",
    "etls_session_shutdown",
    "etls_session_get",
    "etls_session_free",
    "etls_report",
    "etls_report_data",
    "etls_fault",
    "etls_clock_set",
    "etls_entropy_add",
    "etls_entropy_save",
    "etls_session_verify",
    "etls_session_offer",
    "etls_session_forget",
    "etls_context_add_bundle"
];

/** `ETLS_EARLIEST_TIME`: seconds since 1970 that no clock may be before. */
export const EARLIEST_TIME = 1767225600;

/** `etls_stat_id` */
export const STAT_ARENA = 1;
/** `etls_stat_id` */
export const STAT_OVERHEAD = 2;
/** `etls_stat_id` */
export const STAT_IN_USE = 3;
/** `etls_stat_id` */
export const STAT_PEAK = 4;
/** `etls_stat_id` */
export const STAT_FREE = 5;
/** `etls_stat_id` */
export const STAT_LARGEST_FREE = 6;
/** `etls_stat_id` */
export const STAT_REFUSED = 7;
/** `etls_stat_id` */
export const STAT_LARGEST_REFUSED = 8;
/** `etls_stat_id` */
export const STAT_ALLOCATIONS = 9;
/** `etls_stat_id` */
export const STAT_BLOCKS = 10;
/** `etls_stat_id` */
export const STAT_HANDLES = 11;
/** `etls_stat_id` */
export const STAT_LEAST_ARENA = 12;
/** `etls_stat_id` */
export const STAT_LAST_REFUSED = 13;
/** `etls_stat_id` */
export const STAT_LAST_FREE = 14;
/** `etls_stat_id` */
export const STAT_LAST_LARGEST = 15;
/** `etls_stat_id` */
export const STAT_PEAK_SETUP = 16;
/** `etls_stat_id` */
export const STAT_PEAK_HELLO = 17;
/** `etls_stat_id` */
export const STAT_PEAK_CERTIFICATE = 18;
/** `etls_stat_id` */
export const STAT_PEAK_KEY_EXCHANGE = 19;
/** `etls_stat_id` */
export const STAT_PEAK_DATA = 20;
/** `etls_stat_id` */
export const STAT_MAX_HANDLES = 21;
/** `etls_stat_id` */
export const STAT_TRACE = 22;
/** `etls_stat_id` */
export const STAT_SIGNATURES = 23;

/** `etls_role` */
export const CLIENT = 0;
/** `etls_role` */
export const SERVER = 1;

/** `etls_option` */
export const OPTION_MIN_VERSION = 1;
/** `etls_option` */
export const OPTION_MAX_VERSION = 2;
/** `etls_option` */
export const OPTION_VERIFY = 3;
/** `etls_option` */
export const OPTION_PEER_INFO = 4;
/** `etls_option` */
export const OPTION_IN_PLACE = 5;
/** `etls_option` */
export const OPTION_MAX_FRAGMENT = 6;
/** `etls_option` */
export const OPTION_TIME = 7;
/** `etls_option` */
export const OPTION_MAX_PATH = 8;
/** `etls_option` */
export const OPTION_SESSIONS = 9;

/** `etls_verify` */
export const VERIFY_NONE = 0;
/** `etls_verify` */
export const VERIFY_OPTIONAL = 1;
/** `etls_verify` */
export const VERIFY_REQUIRED = 2;

/** `etls_state` */
export const WANT_INPUT = 1;
/** `etls_state` */
export const HAS_OUTPUT = 2;
/** `etls_state` */
export const HAS_DATA = 4;
/** `etls_state` */
export const ESTABLISHED = 8;
/** `etls_state` */
export const PEER_CLOSED = 16;
/** `etls_state` */
export const CLOSED = 32;
/** `etls_state` */
export const AGAIN = 64;
/** `etls_state` */
export const HAS_SESSION = 128;

/** `etls_get` */
export const GET_OUTPUT_DATA = 1;
/** `etls_get` */
export const GET_OUTPUT_SIZE = 2;
/** `etls_get` */
export const GET_DATA = 3;
/** `etls_get` */
export const GET_DATA_SIZE = 4;
/** `etls_get` */
export const GET_VERSION = 5;
/** `etls_get` */
export const GET_CIPHER = 6;
/** `etls_get` */
export const GET_VERIFY_FLAGS = 7;
/** `etls_get` */
export const GET_VERIFY_ERROR = 8;
/** `etls_get` */
export const GET_ERROR = 9;
/** `etls_get` */
export const GET_MBEDTLS_ERROR = 10;
/** `etls_get` */
export const GET_PHASE = 11;
/** `etls_get` */
export const GET_MAX_WRITE = 12;
/** `etls_get` */
export const GET_RECORD_SIZE = 13;
/** `etls_get` */
export const GET_SESSION_DATA = 14;
/** `etls_get` */
export const GET_SESSION_SIZE = 15;
/** `etls_get` */
export const GET_RESUMED = 16;

/** `etls_report_id` */
export const REPORT_FAILURE = 1;
/** `etls_report_id` */
export const REPORT_PEER = 2;
/** `etls_report_id` */
export const REPORT_CHAIN = 3;
/** `etls_report_id` */
export const REPORT_SESSION = 4;
/** `etls_report_id` */
export const REPORT_BUILD = 5;
/** `etls_report_id` */
export const REPORT_ENTROPY = 6;
