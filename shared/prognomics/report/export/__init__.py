"""The report as files: PDF, workbook, RO-Crate."""
