/* The compiled loops as a Python module: arguments are checked here, work is done without the interpreter's lock. */
#include "arrays.h"
#include "number_table.h"

#define VERSION 1 /* raised with each change of what a function takes or gives; `prognomics.compiled` asks for it */

PyDoc_STRVAR(plain_rows_doc,
"plain_rows(text, begin, end, delimiter, n_ids, missing, values, id_spans, odd) -> int\n\n"
"Fill `values` (float64, rows x numbers), `id_spans` (int64, rows x identifiers x 2) and `odd` (int64, cells x 3: the\n"
"number, begin and end of a cell to be read elsewhere) from the whole lines of text[begin:end]. Returns how many odd cells there are;\n"
"-1 where the text is not plain and nothing of this counts.");

static PyObject *plain_rows(PyObject *self, PyObject *args) {
    Array a[5];
    int delimiter, n_ids;
    Py_ssize_t begin, end;
    if (!PyArg_ParseTuple(args, "O&nniiO&O&O&O&", text, &a[0], &begin, &end, &delimiter, &n_ids, text, &a[1], reals_out, &a[2],
                          integers_out, &a[3], integers_out, &a[4]))
        return NULL;
    long found = -1;
    TableText table = {a[0].text, (size_t)begin, (size_t)end, (char)delimiter, n_ids, (int)a[2].columns, a[1].text,
                       (size_t)a[1].size};
    TableRows rows = {a[2].reals, a[3].integers, a[4].integers, (size_t)a[2].rows, (size_t)(a[4].size / 3), 0};
    int fits = has_size(&a[3], a[2].rows * n_ids * 2, "id_spans");
    if (fits && 0 <= begin && begin < end && end <= a[0].size && a[0].text[end - 1] == '\n') {
        Py_BEGIN_ALLOW_THREADS
        if (parse_plain_rows(&table, &rows))
            found = (long)rows.n_odd;
        Py_END_ALLOW_THREADS
    }
    release(a, 5);
    return fits ? PyLong_FromLong(found) : NULL;
}

static PyMethodDef methods[] = {
    {"plain_rows", plain_rows, METH_VARARGS, plain_rows_doc},
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
