/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells AddressSanitizer which bytes of the arena are allocated, so that it sees an overflow by one byte
 * inside it. Nothing in other builds.
 */
#ifndef ETLS_SANITIZE_H
#define ETLS_SANITIZE_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ETLS_SANITIZE
#endif
#endif

#if defined(ETLS_SANITIZE)
#include <sanitizer/asan_interface.h>
#define ETLS_POISON(memory, length) __asan_poison_memory_region(memory, length)
#define ETLS_UNPOISON(memory, length) __asan_unpoison_memory_region(memory, length)
#define ETLS_UNCHECKED __attribute__((no_sanitize("address")))
#else
#define ETLS_POISON(memory, length) ((void) 0)
#define ETLS_UNPOISON(memory, length) ((void) 0)
#define ETLS_UNCHECKED
#endif

#endif
