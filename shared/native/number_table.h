/* Rows of a table of numbers, from text: identifiers first, then numbers, the same count in each row. */
#ifndef PROGNOMICS_NUMBER_TABLE_H
#define PROGNOMICS_NUMBER_TABLE_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *text;
    size_t begin, end;     /* whole lines, each with its line end */
    char delimiter;
    int n_ids, n_numbers;
    const char *missing;   /* spellings of missing, a line end after each */
    size_t missing_length;
} TableText;

typedef struct {
    double *values;        /* room for n_rows x n_numbers */
    int64_t *id_spans;     /* begin and end of each identifier, without enclosing quotes: n_rows x n_ids x 2 */
    int64_t *odd;          /* number, begin and end of cells to be read elsewhere: room for most_odd x 3 */
    size_t n_rows, most_odd, n_odd;
} TableRows;

/* Fill `rows`. 0 where the text is not plain (unequal rows, quotes that enclose delimiters, an empty line, more odd
   cells than there is room for): then nothing of `rows` counts. */
int parse_plain_rows(const TableText *table, TableRows *rows);

#endif
