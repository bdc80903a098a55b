/* The compiled loops as a Python module: arguments are checked here, work is done without the interpreter's lock. */
#include "arrays.h"

#include <math.h>

#include "concordance.h"
#include "follow_up.h"
#include "cut_search.h"
#include "fisher_tail.h"
#include "logrank_screen.h"
#include "number_table.h"
#include "ordering.h"
#include "penalized.h"

#define VERSION 5 /* raised with each change of what a function takes or gives; `prognomics.compiled` asks for it */

PyDoc_STRVAR(plain_rows_doc,
"plain_rows(text, begin, end, delimiter, n_ids, missing, values, id_spans, odd) -> int\n\n"
"Fill `values` (float64, rows x numbers), `id_spans` (int64, rows x identifiers x 2) and `odd` (int64, cells x 3:\n"
"number, begin and end of a cell to be read elsewhere) from the whole lines of text[begin:end]. Returns how many odd\n"
"cells there are; -1 where the text is not plain and nothing of this counts.");

static PyObject *plain_rows(PyObject *self, PyObject *args) {
    Array a[5];
    int delimiter, n_ids;
    Py_ssize_t begin, end;
    if (!PyArg_ParseTuple(args, "O&nniiO&O&O&O&", text, &a[0], &begin, &end, &delimiter, &n_ids, text, &a[1],
                          reals_out, &a[2], integers_out, &a[3], integers_out, &a[4]))
        return NULL;
    long found = -1;
    TableText table = {a[0].text, (size_t)begin, (size_t)end, (char)delimiter, n_ids, (int)a[2].columns, a[1].text,
                       (size_t)a[1].size};
    TableRows rows = {a[2].reals, a[3].integers, a[4].integers, (size_t)a[2].rows, (size_t)(a[4].size / 3), 0};
    int fits = delimiter > 0 && delimiter < 128 && delimiter != '\n' && delimiter != '"';
    fits = fits && n_ids >= 0 && n_ids < 1 << 16;
    if (!fits)
        PyErr_SetString(PyExc_ValueError, "no such delimiter or number of identifiers");
    fits = fits && has_size(&a[3], a[3].size / 2 == a[2].rows * n_ids ? a[3].size : -1, "id_spans");
    if (fits && 0 <= begin && begin < end && end <= a[0].size && a[0].text[end - 1] == '\n') {
        Py_BEGIN_ALLOW_THREADS
        if (parse_plain_rows(&table, &rows))
            found = (long)rows.n_odd;
        Py_END_ALLOW_THREADS
    }
    release(a, 5);
    return fits ? PyLong_FromLong(found) : NULL;
}

/* The nine arrays of a follow-up. */
#define FOLLOW_UP_FORMAT "O&O&O&O&O&O&O&O&O&n"
#define FOLLOW_UP_ARGUMENTS(a, n_moments)                                                                              \
    integers, &(a)[0], flags, &(a)[1], integers, &(a)[2], integers, &(a)[3], integers, &(a)[4], flags, &(a)[5],        \
        integers, &(a)[6], integers, &(a)[7], integers, &(a)[8], &(n_moments)
#define N_FOLLOW_UP 9

static int within(const Array *array, int64_t low, int64_t high, const char *name) {
    for (Py_ssize_t i = 0; i < array->size; i++)
        if (array->integers[i] < low || array->integers[i] > high) {
            PyErr_Format(PyExc_ValueError, "%s points outside", name);
            return 0;
        }
    return 1;
}

/* Before it is used: a wrong number must overflow neither a sum nor the size of memory. */
static int at_most(Py_ssize_t number, Py_ssize_t most, const char *name) {
    if (number >= 0 && number <= most)
        return 1;
    PyErr_Format(PyExc_ValueError, "%s is between 0 and %zd", name, most);
    return 0;
}

/* Whether cells and strata divide the samples, and deaths come first in their cells. */
static int divides(const FollowUp *f) {
    int64_t before = 0;
    int right = f->n_strata >= 0 && f->bounds[0] == 0 && f->bounds[f->n_strata] == f->n;
    for (int64_t s = 0; s < f->n_strata; s++)
        right &= f->bounds[s] <= f->bounds[s + 1];
    for (int64_t c = 0; right && c < f->n_cells; before = f->ends[c++]) {
        right = f->deaths[c] >= 0 && f->ends[c] >= before && f->ends[c] <= f->n &&
                f->ends[c] - before >= f->deaths[c] &&
                (f->deaths[c] == 0 || f->cell_moment[c] >= 0);
        for (int64_t k = before; right && k < f->ends[c]; k++)
            right = f->cell[k] == c && f->event[k] == (k < before + f->deaths[c]);
    }
    right &= before == f->n;
    if (!right)
        PyErr_SetString(PyExc_ValueError, "cells or strata do not divide the samples");
    return right;
}

/* 0 and an error of Python where the arrays do not belong together. */
static int follow_up_of(const Array *a, Py_ssize_t n_moments, Py_ssize_t n_columns, FollowUp *f) {
    const Py_ssize_t n = a[0].size, n_cells = a[3].size;
    *f = (FollowUp){n, n_cells, a[6].size - 1, n_moments, a[0].integers, a[2].integers, a[3].integers, a[4].integers,
                    a[6].integers, a[7].integers, a[8].integers, a[1].flags, a[5].flags};
    return at_most(n_moments, n, "n_moments") && has_size(&a[1], n, "event") && has_size(&a[2], n, "cell") && has_size(&a[4], n_cells, "deaths") &&
           has_size(&a[5], n_cells, "first") && has_size(&a[7], n, "moment") &&
           has_size(&a[8], n_cells, "cell_moment") && within(&a[0], 0, n_columns - 1, "columns") &&
           within(&a[2], 0, n_cells - 1, "cell") && within(&a[7], -1, n_moments - 1, "moment") &&
           within(&a[8], -1, n_moments - 1, "cell_moment") && divides(f);
}

static int genes_of(const Array *values, const Array *results, Py_ssize_t begin, Py_ssize_t end, Py_ssize_t n_results,
                    Genes *genes) {
    *genes = (Genes){values->reals, values->columns, begin, end, results->reals};
    if (begin < 0 || begin > end || end > values->rows) {
        PyErr_SetString(PyExc_ValueError, "no such genes");
        return 0;
    }
    return has_size(results, values->rows * n_results, "results");
}

static PyObject *done(int fits, int enough_memory) {
    if (!fits)
        return NULL;
    return enough_memory ? Py_NewRef(Py_None) : PyErr_NoMemory();
}

#define SCREEN_DOC \
    "Genes begin to end of `values` (float64, genes x columns) fill their rows of `results` (float64, columns as in\n" \
    "`prognomics.screen.results`); `follow_up` stands for `FollowUp.arrays`."

PyDoc_STRVAR(screen_cox_doc, "screen_cox(values, begin, end, *follow_up, efron, score_only, results)\n\n"
                             "A Cox model of each gene. " SCREEN_DOC);

static PyObject *py_screen_cox(PyObject *self, PyObject *args) {
    Array a[N_FOLLOW_UP + 2];
    Py_ssize_t begin, end, n_moments;
    int efron, score_only, enough = 0;
    if (!PyArg_ParseTuple(args, "O&nn" FOLLOW_UP_FORMAT "ppO&", reals, &a[0], &begin, &end,
                          FOLLOW_UP_ARGUMENTS(a + 1, n_moments), &efron, &score_only, reals_out, &a[10]))
        return NULL;
    FollowUp follow_up;
    Genes genes;
    const int fits = follow_up_of(a + 1, n_moments, a[0].columns, &follow_up) &&
                     genes_of(&a[0], &a[10], begin, end, N_RESULTS, &genes);
    if (fits) {
        Py_BEGIN_ALLOW_THREADS
        enough = screen_cox(&follow_up, &genes, efron, score_only);
        Py_END_ALLOW_THREADS
    }
    release(a, N_FOLLOW_UP + 2);
    return done(fits, enough);
}

PyDoc_STRVAR(screen_cox_adjusted_doc,
             "screen_cox_adjusted(values, begin, end, *follow_up, efron, columns, start, start_hazards, results)\n\n"
             "A Cox model of each gene beside covariates: `columns` (float64, covariates x samples, sorted and\n"
             "standardised), their coefficients without a gene, and the relative hazards of these. " SCREEN_DOC);

static PyObject *py_screen_cox_adjusted(PyObject *self, PyObject *args) {
    Array a[N_FOLLOW_UP + 5];
    Py_ssize_t begin, end, n_moments;
    int efron, enough = 0;
    if (!PyArg_ParseTuple(args, "O&nn" FOLLOW_UP_FORMAT "pO&O&O&O&", reals, &a[0], &begin, &end,
                          FOLLOW_UP_ARGUMENTS(a + 1, n_moments), &efron, reals, &a[10], reals, &a[11], reals, &a[12],
                          reals_out, &a[13]))
        return NULL;
    FollowUp follow_up;
    Genes genes;
    const Py_ssize_t n_covariates = a[10].rows;
    const int fits = follow_up_of(a + 1, n_moments, a[0].columns, &follow_up) &&
                     genes_of(&a[0], &a[13], begin, end, N_RESULTS, &genes) &&
                     has_size(&a[10], n_covariates * follow_up.n, "columns") &&
                     has_size(&a[11], n_covariates, "start") && has_size(&a[12], follow_up.n, "start_hazards");
    if (fits) {
        Py_BEGIN_ALLOW_THREADS
        enough = screen_cox_adjusted(&follow_up, &genes, efron, a[10].reals, n_covariates, a[11].reals, a[12].reals);
        Py_END_ALLOW_THREADS
    }
    release(a, N_FOLLOW_UP + 5);
    return done(fits, enough);
}

PyDoc_STRVAR(screen_logrank_doc,
             "screen_logrank(values, begin, end, *follow_up, cuts, results)\n\n"
             "A log-rank test of each gene: `cuts` (float64, genes) are the smallest high values, missing ones (NaN)\n"
             "the medians. " SCREEN_DOC);

static PyObject *py_screen_logrank(PyObject *self, PyObject *args) {
    Array a[N_FOLLOW_UP + 3];
    Py_ssize_t begin, end, n_moments;
    int enough = 0;
    if (!PyArg_ParseTuple(args, "O&nn" FOLLOW_UP_FORMAT "O&O&", reals, &a[0], &begin, &end,
                          FOLLOW_UP_ARGUMENTS(a + 1, n_moments), reals, &a[10], reals_out, &a[11]))
        return NULL;
    FollowUp follow_up;
    Genes genes;
    const int fits = follow_up_of(a + 1, n_moments, a[0].columns, &follow_up) &&
                     genes_of(&a[0], &a[11], begin, end, CUT_N_RESULTS, &genes) &&
                     has_size(&a[10], a[0].rows, "cuts");
    if (fits) {
        Py_BEGIN_ALLOW_THREADS
        enough = screen_logrank(&follow_up, &genes, a[10].reals);
        Py_END_ALLOW_THREADS
    }
    release(a, N_FOLLOW_UP + 3);
    return done(fits, enough);
}

PyDoc_STRVAR(search_cuts_doc,
             "search_cuts(values, begin, end, scores, stratum, n_strata, min_fraction, results, profile)\n\n"
             "Rows begin to end of `values` (float64, rows x samples) fill their rows of `results` (float64, columns\n"
             "as in `prognomics.cutpoint.cut_statistics`) and, unless it is empty, of `profile` (float64, of the shape\n"
             "of `values`). `scores` (float64) has the same shape or one row, `stratum` (int64) a code of each sample.");

static PyObject *py_search_cuts(PyObject *self, PyObject *args) {
    Array a[5];
    Py_ssize_t begin, end, n_strata;
    double min_fraction;
    int enough = 0;
    if (!PyArg_ParseTuple(args, "O&nnO&O&ndO&O&", reals, &a[0], &begin, &end, reals, &a[1], integers, &a[2], &n_strata,
                          &min_fraction, reals_out, &a[3], reals_out, &a[4]))
        return NULL;
    Genes rows;
    const Py_ssize_t n = a[0].columns;
    int fits = at_most(n_strata, n, "n_strata") &&
               genes_of(&a[0], &a[3], begin, end, SEARCH_N_RESULTS, &rows) && has_size(&a[2], n, "stratum") &&
               within(&a[2], 0, n_strata - 1, "stratum") &&
               has_size(&a[1], a[1].size == n ? n : a[0].size, "scores") &&
               (a[4].size == 0 || has_size(&a[4], a[0].size, "profile"));
    if (fits && !(min_fraction >= 0.0 && min_fraction <= 0.5)) {
        PyErr_SetString(PyExc_ValueError, "min_fraction is between 0 and 0.5");
        fits = 0;
    }
    if (fits) {
        const CutSearches searches = {a[0].reals, a[1].reals, n, a[1].size == n ? 1 : a[0].rows, n_strata,
                                      a[2].integers, min_fraction, a[3].reals, a[4].size ? a[4].reals : NULL};
        Py_BEGIN_ALLOW_THREADS
        enough = search_cuts(&searches, begin, end);
        Py_END_ALLOW_THREADS
    }
    release(a, 5);
    return done(fits, enough);
}

PyDoc_STRVAR(order_rows_doc,
             "order_rows(values, begin, end, orders, known)\n\n"
             "Rows begin to end of `values` (float64): places of rising values fill their rows of `orders` (int64),\n"
             "equal ones as they stand and missing ones last; `known` (int64) says how many are not missing.");

static PyObject *py_order_rows(PyObject *self, PyObject *args) {
    Array a[3];
    Py_ssize_t begin, end;
    int enough = 0;
    if (!PyArg_ParseTuple(args, "O&nnO&O&", reals, &a[0], &begin, &end, integers_out, &a[1], integers_out, &a[2]))
        return NULL;
    Genes rows;
    const int fits = genes_of(&a[0], &a[1], begin, end, a[0].columns, &rows) && has_size(&a[2], a[0].rows, "known");
    if (fits) {
        Py_BEGIN_ALLOW_THREADS
        Sorter sorter;
        enough = new_sorter(rows.n_columns, &sorter);
        for (Py_ssize_t i = begin; enough && i < end; i++)
            a[2].integers[i] = order_of(rows.values + i * rows.n_columns, rows.n_columns,
                                        a[1].integers + i * rows.n_columns, &sorter);
        if (enough)
            free_sorter(&sorter);
        Py_END_ALLOW_THREADS
    }
    release(a, 3);
    return done(fits, enough);
}

PyDoc_STRVAR(count_pairs_doc,
             "count_pairs(order, time, event, rank, weight, n_ranks, later, earlier)\n\n"
             "Weights of samples below, at and above each sample's rank (float64, 3 x samples): those later than a\n"
             "death, and, unless `earlier` is empty, deaths earlier than a sample. `order` is by rising time, `time`\n"
             "in that order.");

static PyObject *py_count_pairs(PyObject *self, PyObject *args) {
    Array a[7];
    Py_ssize_t n_ranks;
    int enough = 0;
    if (!PyArg_ParseTuple(args, "O&O&O&O&O&nO&O&", integers, &a[0], reals, &a[1], flags, &a[2], integers, &a[3], reals,
                          &a[4], &n_ranks, reals_out, &a[5], reals_out, &a[6]))
        return NULL;
    const Py_ssize_t n = a[0].size;
    const Samples samples = {n, n_ranks, a[0].integers, a[1].reals, a[2].flags, a[3].integers, a[4].reals};
    const int fits = at_most(n_ranks, n, "n_ranks") && has_size(&a[1], n, "time") && has_size(&a[2], n, "event") && has_size(&a[3], n, "rank") &&
               has_size(&a[4], n, "weight") && has_size(&a[5], 3 * n, "later") &&
               (a[6].size == 0 || has_size(&a[6], 3 * n, "earlier")) && within(&a[0], 0, n - 1, "order") &&
               within(&a[3], 0, n_ranks - 1, "rank");
    if (fits) {
        Py_BEGIN_ALLOW_THREADS
        enough = count_later(&samples, a[5].reals) && (a[6].size == 0 || count_earlier(&samples, a[6].reals));
        Py_END_ALLOW_THREADS
    }
    release(a, 7);
    return done(fits, enough);
}

PyDoc_STRVAR(breslow_doc,
             "breslow(linear, weight, end, deaths, first_time, bounds, hazard, total, exposure) -> float\n\n"
             "The log partial likelihood without the sum over events, as `RiskOrder.evaluate`; the last three (float64)\n"
             "are filled.");

static PyObject *py_breslow(PyObject *self, PyObject *args) {
    Array a[9];
    double value = 0.0;
    if (!PyArg_ParseTuple(args, "O&O&O&O&O&O&O&O&O&", reals, &a[0], reals, &a[1], integers, &a[2], reals, &a[3],
                          integers, &a[4], integers, &a[5], reals_out, &a[6], reals_out, &a[7], reals_out, &a[8]))
        return NULL;
    const Py_ssize_t n = a[0].size, n_times = a[2].size, n_strata = a[5].size / 2;
    const RiskSets sets = {n, n_times, n_strata, a[1].reals, a[3].reals, a[2].integers, a[4].integers, a[5].integers};
    int fits = has_size(&a[1], n, "weight") && has_size(&a[3], n_times, "deaths") &&
               has_size(&a[4], n, "first_time") && has_size(&a[5], 2 * n_strata, "bounds") &&
               has_size(&a[6], n, "hazard") && has_size(&a[7], n_times, "total") && has_size(&a[8], n, "exposure");
    int64_t sample = 0, time = 0;
    for (Py_ssize_t k = 0; fits && k < n_strata; k++) {
        fits = sample <= sets.bounds[2 * k] && time <= sets.bounds[2 * k + 1] && sets.bounds[2 * k] <= n &&
               sets.bounds[2 * k + 1] <= n_times;
        for (int64_t t = time; fits && t < sets.bounds[2 * k + 1]; t++) /* times end within their stratum, in order */
            fits = sets.end[t] > (t > time ? sets.end[t - 1] : sample) && sets.end[t] <= sets.bounds[2 * k];
        sample = sets.bounds[2 * k], time = sets.bounds[2 * k + 1];
        if (!fits)
            PyErr_SetString(PyExc_ValueError, "event times or strata do not divide the samples");
    }
    if (fits) {
        Py_BEGIN_ALLOW_THREADS
        value = breslow(&sets, a[0].reals, a[6].reals, a[7].reals, a[8].reals);
        Py_END_ALLOW_THREADS
    }
    release(a, 9);
    return fits ? PyFloat_FromDouble(value) : NULL;
}

PyDoc_STRVAR(rank_one_doc, "rank_one(matrix, vector, scale)\n\n"
                           "Add scale * vector vector' to the first rows and columns of `matrix` (float64) in place.");

static PyObject *py_rank_one(PyObject *self, PyObject *args) {
    Array a[2];
    double scale;
    if (!PyArg_ParseTuple(args, "O&O&d", reals_out, &a[0], reals, &a[1], &scale))
        return NULL;
    const int fits = a[1].size <= a[0].rows && a[1].size <= a[0].columns;
    if (fits) {
        Py_BEGIN_ALLOW_THREADS
        rank_one(a[0].reals, a[0].columns, a[1].reals, a[1].size, scale);
        Py_END_ALLOW_THREADS
    } else
        PyErr_SetString(PyExc_ValueError, "the vector is longer than the matrix");
    release(a, 2);
    return done(fits, 1);
}

PyDoc_STRVAR(fisher_tail_doc,
             "fisher_tail(rows, columns, limit, most_steps) -> float or None\n\n"
             "Sum of exp(weight - limit) over the tables with these margins (int64) whose log weight is at most\n"
             "`limit`; None beyond `most_steps`. The first two and the last two columns are matched with each other.");

static PyObject *py_fisher_tail(PyObject *self, PyObject *args) {
    Array a[2];
    double limit, most_steps, found = 0.0;
    if (!PyArg_ParseTuple(args, "O&O&dd", integers, &a[0], integers, &a[1], &limit, &most_steps))
        return NULL;
    int fits = a[0].size >= 2 && a[0].size <= FISHER_MOST_ROWS && a[1].size >= 4 && a[1].size <= FISHER_MOST_COLUMNS;
    int64_t left = 0;
    for (Py_ssize_t i = 0; fits && i < a[0].size; i++) {
        fits = a[0].integers[i] >= 0 && a[0].integers[i] < 1 << 20;
        left += fits ? a[0].integers[i] : 0;
    }
    const double places = (double)(left + 1);
    for (Py_ssize_t i = 0; fits && i < a[1].size; i++) {
        fits = a[1].integers[i] >= 0 && a[1].integers[i] < 1 << 20;
        left -= fits ? a[1].integers[i] : 0;
    }
    fits = fits && left == 0 && pow(places, (double)(a[0].size - 1)) < 9e18;
    if (fits) {
        Py_BEGIN_ALLOW_THREADS
        found = fisher_tail((int)a[0].size, a[0].integers, (int)a[1].size, a[1].integers, limit, most_steps);
        Py_END_ALLOW_THREADS
    } else
        PyErr_SetString(PyExc_ValueError, "margins do not belong together, or are too large");
    release(a, 2);
    if (!fits)
        return NULL;
    if (found == -2.0)
        return PyErr_NoMemory();
    return found < 0.0 ? Py_NewRef(Py_None) : PyFloat_FromDouble(found);
}

static PyMethodDef methods[] = {
    {"plain_rows", plain_rows, METH_VARARGS, plain_rows_doc},
    {"screen_cox", py_screen_cox, METH_VARARGS, screen_cox_doc},
    {"screen_cox_adjusted", py_screen_cox_adjusted, METH_VARARGS, screen_cox_adjusted_doc},
    {"screen_logrank", py_screen_logrank, METH_VARARGS, screen_logrank_doc},
    {"search_cuts", py_search_cuts, METH_VARARGS, search_cuts_doc},
    {"fisher_tail", py_fisher_tail, METH_VARARGS, fisher_tail_doc},
    {"order_rows", py_order_rows, METH_VARARGS, order_rows_doc},
    {"count_pairs", py_count_pairs, METH_VARARGS, count_pairs_doc},
    {"breslow", py_breslow, METH_VARARGS, breslow_doc},
    {"rank_one", py_rank_one, METH_VARARGS, rank_one_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_loops", "Compiled loops; `prognomics.compiled` gives them.", 0, methods, NULL, NULL,
    NULL, NULL,
};

PyMODINIT_FUNC PyInit__loops(void) {
    PyObject *made = PyModule_Create(&module);
    if (made != NULL && PyModule_AddIntConstant(made, "VERSION", VERSION) < 0) {
        Py_DECREF(made);
        return NULL;
    }
    return made;
}
