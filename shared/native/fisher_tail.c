/* Two columns whose row sums are known have one free column: all ways to fill it are listed once for each set of row
   sums (in any order of the rows) with rising weights and running sums. A table is a way for the first pair, ways for
   the columns between, and a way for the last pair; for each choice of the others the two lists are matched by one
   sweep. Where even the likeliest match counts, or no match does, the sum is known at once. */
#include "fisher_tail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAME 1e-11
#define MOST_LISTED 20000000
/* What listing one way, or finding a list, costs in steps of a sweep. */
#define LISTED 100.0
#define LOOK_UP 30.0

typedef struct {
    int64_t n;
    double *weight, *running; /* rising; sums of exp(weight - largest) before each */
    double least, largest, all;
} List;

typedef struct {
    int64_t small, large; /* the pair's column sums */
    List *lists;
    int64_t n_lists, room, n_slots;
    int64_t *slot_key, *slot_list; /* open addressing by the sorted row sums; -1 where free */
} Pair;

typedef struct {
    int64_t n;
    int64_t *cells; /* ways x rows */
    double *weight;
} Ways;

typedef struct {
    int n_rows, n_middle;
    const int64_t *rows;
    int64_t base, listed;
    double limit, steps, most_steps, sum;
    const double *log_factorial;
    Pair left, right;
    Ways middle[FISHER_MOST_COLUMNS];
    int failed; /* 1 too long, 2 without memory */
} Sum;

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* All ways to put `total` into the cells from `row` on, none above `most`; counted only where `into` is NULL. */
static int64_t fill(const Sum *s, const int64_t *most, int row, int64_t total, int64_t *cells, Ways *into,
                    double weight) {
    if (row == s->n_rows - 1) {
        if (total > most[row])
            return 0;
        if (into != NULL) {
            cells[row] = total;
            memcpy(into->cells + into->n * s->n_rows, cells, sizeof(int64_t) * (size_t)s->n_rows);
            into->weight[into->n++] = weight - s->log_factorial[total];
        }
        return 1;
    }
    int64_t count = 0, behind = 0;
    for (int later = row + 1; later < s->n_rows; later++)
        behind += most[later];
    for (int64_t x = total > behind ? total - behind : 0; x <= most[row] && x <= total; x++) {
        cells[row] = x;
        count += fill(s, most, row + 1, total - x, cells, into, weight - s->log_factorial[x]);
    }
    return count;
}

static void free_ways(Ways *ways) {
    free(ways->cells);
    free(ways->weight);
    *ways = (Ways){0, NULL, NULL};
}

static int list_ways(Sum *s, const int64_t *most, int64_t total, Ways *ways) {
    int64_t cells[FISHER_MOST_ROWS];
    const int64_t n = fill(s, most, 0, total, cells, NULL, 0.0);
    *ways = (Ways){0, NULL, NULL};
    s->steps += LISTED * (double)n;
    if ((s->listed += n) > MOST_LISTED || s->steps > s->most_steps) {
        s->failed = 1;
        return 0;
    }
    ways->cells = malloc(sizeof(int64_t) * (size_t)(n * s->n_rows + 1));
    ways->weight = malloc(sizeof(double) * (size_t)(n + 1));
    if (ways->cells == NULL || ways->weight == NULL) {
        free_ways(ways);
        s->failed = 2;
        return 0;
    }
    fill(s, most, 0, total, cells, ways, 0.0);
    return 1;
}

static int make_list(Sum *s, const Pair *pair, const int64_t *sums, List *list) {
    Ways ways;
    if (!list_ways(s, sums, pair->small, &ways))
        return 0;
    for (int64_t i = 0; i < ways.n; i++)
        for (int r = 0; r < s->n_rows; r++)
            ways.weight[i] -= s->log_factorial[sums[r] - ways.cells[i * s->n_rows + r]];
    qsort(ways.weight, (size_t)ways.n, sizeof(double), compare);
    list->running = malloc(sizeof(double) * (size_t)(ways.n + 1));
    if (list->running == NULL) {
        free_ways(&ways);
        s->failed = 2;
        return 0;
    }
    list->n = 0;
    list->least = ways.weight[0];
    list->largest = ways.weight[ways.n - 1];
    double total = 0.0;
    for (int64_t i = 0; i < ways.n; i++) {
        const double weight = ways.weight[i];
        if (list->n == 0 || weight > ways.weight[list->n - 1] + SAME) {
            list->running[list->n] = total;
            ways.weight[list->n++] = weight;
        }
        total += exp(weight - list->largest);
    }
    list->running[list->n] = total;
    list->all = total;
    list->weight = ways.weight;
    free(ways.cells);
    return 1;
}

static int64_t key_of(const Sum *s, const int64_t *sums, int64_t *sorted) {
    int64_t key = 0;
    for (int r = 0; r < s->n_rows; r++) {
        int place = r;
        for (; place > 0 && sorted[place - 1] > sums[r]; place--)
            sorted[place] = sorted[place - 1];
        sorted[place] = sums[r];
    }
    for (int r = 0; r < s->n_rows - 1; r++)
        key = key * s->base + sorted[r];
    return key;
}

static int grow(Sum *s, Pair *pair) {
    const int64_t slots = pair->n_slots ? 2 * pair->n_slots : 1024;
    int64_t *key = malloc(sizeof(int64_t) * (size_t)slots), *at = malloc(sizeof(int64_t) * (size_t)slots);
    List *lists = realloc(pair->lists, sizeof(List) * (size_t)(slots / 2));
    if (lists != NULL)
        pair->lists = lists;
    if (key == NULL || at == NULL || lists == NULL) {
        free(key);
        free(at);
        s->failed = 2;
        return 0;
    }
    for (int64_t i = 0; i < slots; i++)
        at[i] = -1;
    for (int64_t i = 0; i < pair->n_slots; i++)
        if (pair->slot_list[i] >= 0) {
            uint64_t slot = (uint64_t)pair->slot_key[i] * UINT64_C(0x9E3779B97F4A7C15) >> 20;
            while (at[slot % (uint64_t)slots] >= 0)
                slot++;
            key[slot % (uint64_t)slots] = pair->slot_key[i];
            at[slot % (uint64_t)slots] = pair->slot_list[i];
        }
    free(pair->slot_key);
    free(pair->slot_list);
    pair->slot_key = key;
    pair->slot_list = at;
    pair->n_slots = slots;
    pair->room = slots / 2;
    return 1;
}

static const List *list_of(Sum *s, Pair *pair, const int64_t *sums) {
    int64_t sorted[FISHER_MOST_ROWS];
    const int64_t key = key_of(s, sums, sorted);
    if (pair->n_lists == pair->room && !grow(s, pair))
        return NULL;
    const uint64_t mask = (uint64_t)pair->n_slots - 1;
    uint64_t slot = (uint64_t)key * UINT64_C(0x9E3779B97F4A7C15) >> 20 & mask;
    while (pair->slot_list[slot] >= 0 && pair->slot_key[slot] != key)
        slot = (slot + 1) & mask;
    if (pair->slot_list[slot] < 0) {
        if (!make_list(s, pair, sorted, pair->lists + pair->n_lists))
            return NULL;
        pair->slot_key[slot] = key;
        pair->slot_list[slot] = pair->n_lists++;
    }
    return pair->lists + pair->slot_list[slot];
}

/* Adds all pairs of ways whose weights reach at most `limit`; a sweep from the least of one and the largest of the
   other. */
static void match(Sum *s, const List *a, const List *b, double weight) {
    const double limit = s->limit - weight, scale = exp(weight + a->largest + b->largest - s->limit);
    s->steps += LOOK_UP;
    if (a->largest + b->largest <= limit) {
        s->sum += scale * a->all * b->all;
        return;
    }
    if (a->least + b->least > limit)
        return;
    int64_t j = b->n;
    double found = 0.0;
    for (int64_t i = 0; i < a->n; i++) {
        const double most = limit - a->weight[i];
        while (j > 0 && b->weight[j - 1] > most)
            j--;
        if (j == 0)
            break;
        found += (a->running[i + 1] - a->running[i]) * b->running[j];
    }
    s->steps += (double)(a->n + b->n);
    s->sum += scale * found;
}

static void between(Sum *s, int column, const List *left, const int64_t *rest, double weight) {
    if (s->failed)
        return;
    if (column == s->n_middle) {
        const List *right = list_of(s, &s->right, rest);
        if (right == NULL)
            return;
        if (left->n <= right->n)
            match(s, left, right, weight);
        else
            match(s, right, left, weight);
        if (s->steps > s->most_steps)
            s->failed = 1;
        return;
    }
    const Ways *ways = s->middle + column;
    for (int64_t i = 0; i < ways->n && !s->failed; i++) {
        int64_t left_over[FISHER_MOST_ROWS];
        int fits = 1;
        for (int r = 0; r < s->n_rows; r++) {
            left_over[r] = rest[r] - ways->cells[i * s->n_rows + r];
            fits &= left_over[r] >= 0;
        }
        if (fits)
            between(s, column + 1, left, left_over, weight + ways->weight[i]);
    }
}

static void free_pair(Pair *pair) {
    for (int64_t i = 0; i < pair->n_lists; i++) {
        free(pair->lists[i].weight);
        free(pair->lists[i].running);
    }
    free(pair->lists);
    free(pair->slot_key);
    free(pair->slot_list);
}

static Pair pair_of(int64_t a, int64_t b) {
    return (Pair){a < b ? a : b, a < b ? b : a, NULL, 0, 0, 0, NULL, NULL};
}

double fisher_tail(int n_rows, const int64_t *rows, int n_columns, const int64_t *columns, double limit,
                   double most_steps) {
    int64_t total = 0;
    for (int r = 0; r < n_rows; r++)
        total += rows[r];
    double *log_factorial = malloc(sizeof(double) * (size_t)(total + 2));
    if (log_factorial == NULL)
        return -2.0;
    for (int64_t i = 0; i <= total + 1; i++)
        log_factorial[i] = lgamma((double)i + 1.0);
    Sum s = {n_rows, n_columns - 4, rows, total + 1, 0, limit, 0.0, most_steps, 0.0, log_factorial,
             pair_of(columns[0], columns[1]), pair_of(columns[n_columns - 2], columns[n_columns - 1]), {{0}}, 0};
    Ways states = {0};
    int ready = list_ways(&s, rows, columns[0] + columns[1], &states);
    for (int c = 0; ready && c < s.n_middle; c++)
        ready = list_ways(&s, rows, columns[c + 2], s.middle + c);
    for (int64_t i = 0; ready && i < states.n && !s.failed; i++) {
        const int64_t *sums = states.cells + i * n_rows;
        int64_t rest[FISHER_MOST_ROWS];
        for (int r = 0; r < n_rows; r++)
            rest[r] = rows[r] - sums[r];
        const List *left = list_of(&s, &s.left, sums);
        if (left != NULL)
            between(&s, 0, left, rest, 0.0);
    }
    free_ways(&states);
    for (int c = 0; c < s.n_middle; c++)
        free_ways(s.middle + c);
    free_pair(&s.left);
    free_pair(&s.right);
    free(log_factorial);
    return s.failed ? (double)-s.failed : s.sum;
}
