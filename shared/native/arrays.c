#include "arrays.h"

#include <string.h>

static int take(PyObject *given, Array *array, const char *formats, int writable) {
    if (given == NULL) { /* another argument failed */
        PyBuffer_Release(&array->view);
        return 1;
    }
    int wanted = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(given, &array->view, wanted) < 0)
        return 0;
    const char *format = array->view.format ? array->view.format : "B";
    if (strlen(format) != 1 || strchr(formats, format[0]) == NULL || array->view.ndim < 1) {
        PyErr_Format(PyExc_TypeError, "an array of type '%s' where one of '%s' is needed", format, formats);
        PyBuffer_Release(&array->view);
        return 0;
    }
    array->text = array->view.buf;
    array->size = array->view.len / array->view.itemsize;
    array->rows = array->view.shape ? array->view.shape[0] : array->size;
    array->columns = array->rows ? array->size / array->rows : 0;
    return Py_CLEANUP_SUPPORTED;
}

int reals(PyObject *given, void *array) { return take(given, array, "d", 0); }
int reals_out(PyObject *given, void *array) { return take(given, array, "d", 1); }
int integers(PyObject *given, void *array) { return take(given, array, sizeof(long) == 8 ? "lq" : "q", 0); }
int integers_out(PyObject *given, void *array) { return take(given, array, sizeof(long) == 8 ? "lq" : "q", 1); }
int flags(PyObject *given, void *array) { return take(given, array, "B?", 0); }
int text(PyObject *given, void *array) { return take(given, array, "B", 0); }

void release(Array *arrays, int n) {
    for (int i = 0; i < n; i++)
        PyBuffer_Release(&arrays[i].view);
}

int has_size(const Array *array, Py_ssize_t size, const char *name) {
    if (array->size == size)
        return 1;
    PyErr_Format(PyExc_ValueError, "%s has %zd elements where %zd are needed", name, array->size, size);
    return 0;
}
