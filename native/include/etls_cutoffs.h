/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Cut-offs of the adaptive proportion test (NIST SP 800-90B section 4.4.2) for a false-positive rate
 * of 2^-30, by credited min-entropy of a sample in 1/16 bit. Written by
 * native/tools/generate.mjs; do not edit.
 */
#ifndef ETLS_CUTOFFS_H
#define ETLS_CUTOFFS_H

/* clang-format off */

/* Samples of 1 bit: windows of 1,024. */
#define ETLS_PROPORTIONS_BINARY(ROW) \
    ROW(1, 1014) ROW(2, 988) ROW(3, 958) ROW(4, 928) ROW(5, 898) ROW(6, 868) ROW(7, 839)          \
    ROW(8, 810) ROW(9, 782) ROW(10, 755) ROW(11, 728) ROW(12, 703) ROW(13, 678) ROW(14, 654)      \
    ROW(15, 631) ROW(16, 609)

/* Wider samples: windows of 512. */
#define ETLS_PROPORTIONS_WIDE(ROW) \
    ROW(1, 512) ROW(2, 502) ROW(3, 490) ROW(4, 477) ROW(5, 463) ROW(6, 449) ROW(7, 436)           \
    ROW(8, 422) ROW(9, 409) ROW(10, 396) ROW(11, 383) ROW(12, 371) ROW(13, 359) ROW(14, 347)      \
    ROW(15, 336) ROW(16, 325) ROW(17, 314) ROW(18, 304) ROW(19, 294) ROW(20, 284) ROW(21, 275)    \
    ROW(22, 266) ROW(23, 257) ROW(24, 248) ROW(25, 240) ROW(26, 232) ROW(27, 225) ROW(28, 217)    \
    ROW(29, 210) ROW(30, 203) ROW(31, 197) ROW(32, 190) ROW(33, 184) ROW(34, 178) ROW(35, 173)    \
    ROW(36, 167) ROW(37, 162) ROW(38, 157) ROW(39, 152) ROW(40, 147) ROW(41, 142) ROW(42, 138)    \
    ROW(43, 133) ROW(44, 129) ROW(45, 125) ROW(46, 121) ROW(47, 118) ROW(48, 114) ROW(49, 110)    \
    ROW(50, 107) ROW(51, 104) ROW(52, 101) ROW(53, 98) ROW(54, 95) ROW(55, 92) ROW(56, 89)        \
    ROW(57, 87) ROW(58, 84) ROW(59, 82) ROW(60, 79) ROW(61, 77) ROW(62, 75) ROW(63, 73)           \
    ROW(64, 71) ROW(65, 69) ROW(66, 67) ROW(67, 65) ROW(68, 63) ROW(69, 61) ROW(70, 60)           \
    ROW(71, 58) ROW(72, 56) ROW(73, 55) ROW(74, 53) ROW(75, 52) ROW(76, 51) ROW(77, 49)           \
    ROW(78, 48) ROW(79, 47) ROW(80, 46) ROW(81, 44) ROW(82, 43) ROW(83, 42) ROW(84, 41)           \
    ROW(85, 40) ROW(86, 39) ROW(87, 38) ROW(88, 37) ROW(89, 36) ROW(90, 35) ROW(91, 35)           \
    ROW(92, 34) ROW(93, 33) ROW(94, 32) ROW(95, 31) ROW(96, 31) ROW(97, 30) ROW(98, 29)           \
    ROW(99, 29) ROW(100, 28) ROW(101, 27) ROW(102, 27) ROW(103, 26) ROW(104, 26) ROW(105, 25)     \
    ROW(106, 25) ROW(107, 24) ROW(108, 24) ROW(109, 23) ROW(110, 23) ROW(111, 22) ROW(112, 22)    \
    ROW(113, 21) ROW(114, 21) ROW(115, 20) ROW(116, 20) ROW(117, 20) ROW(118, 19) ROW(119, 19)    \
    ROW(120, 19) ROW(121, 18) ROW(122, 18) ROW(123, 18) ROW(124, 17) ROW(125, 17) ROW(126, 17)    \
    ROW(127, 16) ROW(128, 16)
/* clang-format on */

enum etls_proportion {
#define ROW(credit, cutoff) ETLS_PROPORTION_BINARY_##credit = (cutoff),
    ETLS_PROPORTIONS_BINARY(ROW)
#undef ROW
#define ROW(credit, cutoff) ETLS_PROPORTION_WIDE_##credit = (cutoff),
    ETLS_PROPORTIONS_WIDE(ROW)
#undef ROW
};

#endif
