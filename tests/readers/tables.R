# Reads tables and prints their cells as code points: Rscript tables.R FILE...
# Warnings are errors. NA is what is missing; each line begins with "table" or "row".
options(warn = 2)
codes <- function(text) {
  vapply(enc2utf8(as.character(text)), function(one) {
    if (is.na(one)) "NA" else paste(utf8ToInt(one), collapse = " ")
  }, character(1), USE.NAMES = FALSE)
}
line <- function(parts) cat(codes(parts), sep = "\t", fill = FALSE)
for (file in commandArgs(trailingOnly = TRUE)) {
  table <- read.csv(file, na.strings = "", encoding = "UTF-8", check.names = FALSE)
  line(c("table", names(table)))
  cat("\n")
  for (i in seq_len(nrow(table))) {
    line(c("row", vapply(table, function(column) as.character(column[i]), character(1))))
    cat("\n")
  }
}
