/* Arrays of numbers that Python hands over, through the buffer protocol: no header of NumPy is needed. */
#ifndef PROGNOMICS_ARRAYS_H
#define PROGNOMICS_ARRAYS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

typedef struct {
    Py_buffer view;
    union {
        double *reals;
        int64_t *integers;
        uint8_t *flags;
        char *text;
    };
    Py_ssize_t size;    /* elements */
    Py_ssize_t rows;    /* of the first dimension */
    Py_ssize_t columns; /* elements of one row */
} Array;

/* Converters for PyArg_ParseTuple's "O&": contiguous arrays of one type; an error of Python where they are not. */
int reals(PyObject *given, void *array);        /* float64 */
int reals_out(PyObject *given, void *array);    /* float64, written to */
int integers(PyObject *given, void *array);     /* int64 */
int integers_out(PyObject *given, void *array); /* int64, written to */
int flags(PyObject *given, void *array);        /* uint8 or bool */
int text(PyObject *given, void *array);         /* bytes */

void release(Array *arrays, int n);

/* ValueError where a size is not what another array says; 0 then. */
int has_size(const Array *array, Py_ssize_t size, const char *name);

#endif
