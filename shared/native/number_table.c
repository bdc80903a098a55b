#include "number_table.h"

#include <math.h>
#include <string.h>

#define MOST_DIGITS 19 /* they fit into 64 bits */

static const double POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
#define EXACT_POWERS 22
#define EXACT ((uint64_t)1 << 53)

static int bits(uint64_t number) { return 64 - __builtin_clzll(number); }

/* mantissa / 10**places to the nearest double, halves to even; mantissa above 0, places 1 to 19. */
static double divided(uint64_t mantissa, int places) {
    uint64_t power = 1;
    for (int i = 0; i < places; i++)
        power *= 10;
    int shift = 56 + bits(power) - bits(mantissa); /* the quotient has 55 bits or more */
    if (shift < 0)
        shift = 0;
    unsigned __int128 numerator = (unsigned __int128)mantissa << shift;
    uint64_t quotient = (uint64_t)(numerator / power);
    int extra = bits(quotient) - 54; /* kept are 53, and one to round by */
    int left = numerator % power != 0 || (quotient & (((uint64_t)1 << extra) - 1)) != 0;
    quotient >>= extra;
    uint64_t kept = quotient >> 1;
    if ((quotient & 1) && (left || (kept & 1)))
        kept++;
    return ldexp((double)kept, 1 + extra - shift);
}

/* Read a decimal number; returns what follows it. NULL where there is none, or one that other code must round. */
static inline const char *decimal(const char *p, double *value) {
    int negative = *p == '-';
    p += negative || *p == '+';
    const char *first = p;
    uint64_t mantissa = 0;
    for (unsigned digit; (digit = (unsigned char)(*p - '0')) < 10; p++)
        mantissa = mantissa * 10 + digit;
    ptrdiff_t digits = p - first;
    int exponent = 0;
    if (*p == '.') {
        const char *point = ++p;
        for (unsigned digit; (digit = (unsigned char)(*p - '0')) < 10; p++)
            mantissa = mantissa * 10 + digit;
        digits += p - point;
        exponent = (int)(point - p);
    }
    if (digits == 0 || digits > MOST_DIGITS)
        return NULL;
    if (*p == 'e' || *p == 'E') {
        int below = *++p == '-', size = 0;
        p += below || *p == '+';
        first = p;
        for (unsigned digit; (digit = (unsigned char)(*p - '0')) < 10 && p - first < 4; p++)
            size = size * 10 + (int)digit;
        if (p == first)
            return NULL;
        exponent += below ? -size : size;
    }
    double number;
    if (mantissa <= EXACT && exponent <= 0 && exponent >= -EXACT_POWERS) /* one correct rounding: Clinger 1990 */
        number = (double)mantissa / POWERS[-exponent];
    else if (mantissa == 0)
        number = 0.0;
    else if (mantissa <= EXACT && exponent > 0 && exponent <= EXACT_POWERS)
        number = (double)mantissa * POWERS[exponent];
    else if (exponent < 0 && exponent >= -MOST_DIGITS)
        number = divided(mantissa, -exponent);
    else
        return NULL;
    *value = negative ? -number : number;
    return p;
}

static int is_missing(const TableText *table, const char *begin, size_t length) {
    const char *word = table->missing, *end = table->missing + table->missing_length;
    while (word < end) {
        const char *stop = memchr(word, '\n', (size_t)(end - word));
        if (stop == NULL)
            stop = end;
        if ((size_t)(stop - word) == length && memcmp(word, begin, length) == 0)
            return 1;
        word = stop + 1;
    }
    return 0;
}

/* The end of a cell, where a delimiter or a line end stands. */
static inline const char *end_of_cell(const char *p, char delimiter) {
    while (*p != delimiter && *p != '\n')
        p++;
    return p;
}

/* Take off the quotes around a cell; 0 where one stands elsewhere. */
static int unquote(const char **begin, const char **end) {
    if (memchr(*begin, '"', (size_t)(*end - *begin)) == NULL)
        return 1;
    if (*end - *begin < 2 || **begin != '"' || (*end)[-1] != '"')
        return 0;
    ++*begin;
    --*end;
    return memchr(*begin, '"', (size_t)(*end - *begin)) == NULL;
}

/* A cell that is no plain number from `begin` on: missing, quoted, or left to be read elsewhere. Returns its end. */
static const char *odd_cell(const TableText *table, TableRows *rows, const char *begin, double *value) {
    const char *stop = end_of_cell(begin, table->delimiter), *end = stop;
    *value = NAN;
    if (begin == end)
        return stop;
    if (!unquote(&begin, &end))
        return NULL;
    const char *read = decimal(begin, value);
    if (read == end)
        return stop;
    *value = NAN;
    if (is_missing(table, begin, (size_t)(end - begin)))
        return stop;
    if (rows->n_odd == rows->most_odd)
        return NULL;
    int64_t *odd = rows->odd + 3 * rows->n_odd++;
    odd[0] = value - rows->values;
    odd[1] = begin - table->text;
    odd[2] = end - table->text;
    return stop;
}

int parse_plain_rows(const TableText *table, TableRows *rows) {
    const char *p = table->text + table->begin, *last = table->text + table->end;
    const char delimiter = table->delimiter;
    int64_t *span = rows->id_spans;
    double *value = rows->values;
    rows->n_odd = 0;
    for (size_t row = 0; row < rows->n_rows; row++) {
        if (p >= last)
            return 0;
        for (int i = 0; i < table->n_ids; i++) {
            const char *begin = p, *end = end_of_cell(p, delimiter);
            if (*end != delimiter)
                return 0;
            p = end + 1;
            if (!unquote(&begin, &end))
                return 0;
            *span++ = begin - table->text;
            *span++ = end - table->text;
        }
        for (int i = 1; i <= table->n_numbers; i++, value++) {
            const char wanted = i == table->n_numbers ? '\n' : delimiter;
            const char *end = decimal(p, value);
            if (end == NULL || *end != wanted) {
                end = odd_cell(table, rows, p, value);
                if (end == NULL || *end != wanted)
                    return 0;
            }
            p = end + 1;
        }
    }
    return p == last;
}
