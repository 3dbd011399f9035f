/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arena's allocator: 4 bytes of overhead a block, 8-aligned, first fit over an address-ordered
 * list of free blocks that are joined at once. Each block carries the slot of the handle it
 * belongs to, so that memory is known per connection.
 */
#ifndef ETLS_ARENA_H
#define ETLS_ARENA_H

#include "etls_budget.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Counts of one owner: a handle's slot plus one, or 0 for the core itself. */
typedef struct {
    uint32_t in_use; /* bytes with overhead */
    uint32_t peak;
    uint32_t allocations;
} etls_usage;

typedef struct {
    uint8_t *base;  /* first byte of the heap; block offsets count from here */
    uint32_t size;  /* bytes of the heap */
    uint32_t first; /* offset of the first free block, 0 for none */
    uint32_t owner; /* whose the next allocations are */
    uint32_t blocks;
    uint32_t refused;
    uint32_t largest_refused;
    uint32_t last_refused; /* and what was free at that moment, in all and in one piece */
    uint32_t last_free;
    uint32_t last_largest;
    uint32_t fault; /* the allocation that fails: 1 is the next one, 0 none */
    uint32_t mark; /* the most in use since etls_arena_mark() */
    uint32_t trace; /* a hash of every allocation and release: where, and how much */
    etls_usage total;
    etls_usage owners[ETLS_MAX_HANDLES + 1];
} etls_arena;

/* `memory` is 8-aligned, `size` a multiple of 8 and at least ETLS_ARENA_LEAST. */
#define ETLS_ARENA_LEAST 64u
void etls_arena_init(etls_arena *arena, uint8_t *memory, uint32_t size);

/* Ends its use: the memory is the caller's again. */
void etls_arena_close(etls_arena *arena);

/* Returns zeroed memory or null; what was refused is counted. */
void *etls_arena_alloc(etls_arena *arena, size_t length);

/* Whether all of these could be allocated now, in this order; a refusal is counted. At most 4. */
bool etls_arena_fits(etls_arena *arena, const size_t *lengths, uint32_t count);

/* Frees; null is ignored. */
void etls_arena_free(etls_arena *arena, void *memory);

/* Bytes free in all, and in the largest piece (as a request would see it). */
uint32_t etls_arena_free_bytes(const etls_arena *arena);
uint32_t etls_arena_largest(const etls_arena *arena);

/* Starts to watch for the most in use, kept in `mark`. */
void etls_arena_mark(etls_arena *arena);

/* Starts an owner's account at 0: it owns nothing. */
void etls_arena_new_owner(etls_arena *arena, uint32_t owner);

/* Books what one owner has to another. */
void etls_arena_hand_over(etls_arena *arena, uint32_t from, uint32_t to);

/* Peak := in use, counters := 0. */
void etls_arena_reset(etls_arena *arena);

#endif
