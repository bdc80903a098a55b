/* The tail sum of Fisher's exact test of a table with more than two rows and columns. */
#ifndef PROGNOMICS_FISHER_TAIL_H
#define PROGNOMICS_FISHER_TAIL_H

#include <stdint.h>

#define FISHER_MOST_ROWS 8
#define FISHER_MOST_COLUMNS 12

/* Sum of exp(weight - limit) over all tables with these margins whose log weight (minus the log factorials of the
   cells) is at most `limit`. The first two and the last two columns are the pairs that are matched; those between are
   listed. -1 beyond `most_steps` steps, -2 without memory. */
double fisher_tail(int n_rows, const int64_t *rows, int n_columns, const int64_t *columns, double limit,
                   double most_steps);

#endif
