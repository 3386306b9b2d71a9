# Reads GraphML with igraph and prints it as JSON: Rscript igraph.R FILE...
# Exits with 77 where igraph is not installed. Warnings are errors.
options(warn = 2)
if (!requireNamespace("igraph", quietly = TRUE)) quit(status = 77)

quoted <- function(text) {
  code <- function(character) sprintf("\\u%04x", as.integer(unlist(
    lapply(utf8ToInt(character), function(point) {
      if (point < 65536) point
      else c(55296 + (point - 65536) %/% 1024, 56320 + (point - 65536) %% 1024)
    })
  )))
  vapply(enc2utf8(as.character(text)), function(one) {
    if (is.na(one)) return("null")
    codes <- if (nchar(one)) unlist(lapply(strsplit(one, "")[[1]], code)) else character()
    paste0('"', paste(codes, collapse = ""), '"')
  }, character(1), USE.NAMES = FALSE)
}
object <- function(values, at = NULL) {
  found <- vapply(values, function(value) quoted(if (is.null(at)) value else value[at]), character(1))
  paste0("{", paste0(quoted(names(values)), ":", found, collapse = ","), "}")
}
array <- function(parts) paste0("[", paste(parts, collapse = ","), "]")

read <- function(file) {
  graph <- igraph::read_graph(file, format = "graphml")
  nodes <- igraph::vertex_attr(graph)
  edges <- igraph::edge_attr(graph)
  ends <- igraph::as_edgelist(graph, names = FALSE)
  each_node <- vapply(seq_len(igraph::vcount(graph)), function(i) {
    paste0(quoted(nodes$id[i]), ":", object(nodes, i))
  }, character(1))
  each_edge <- vapply(seq_len(igraph::ecount(graph)), function(i) {
    parts <- quoted(c(edges$id[i], nodes$id[ends[i, 1]], nodes$id[ends[i, 2]]))
    array(c(parts, object(edges, i)))
  }, character(1))
  paste0(
    '{"nodes":{', paste(each_node, collapse = ","), '},"edges":', array(each_edge),
    ',"said":', object(igraph::graph_attr(graph)), "}"
  )
}
cat(array(vapply(commandArgs(trailingOnly = TRUE), read, character(1))))
