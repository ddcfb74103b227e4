# The peers' side of the comparison: Rscript peers.R <work> <folder> <repeats>
# Reads <folder>/<work>.csv, times the call, and writes <folder>/<work>.peer.json: seconds, megabytes, and values to compare.
arguments <- commandArgs(TRUE)
work <- arguments[1]; folder <- arguments[2]; repeats <- as.integer(arguments[3])
invisible(suppressMessages({library(lavaan); library(psych)}))
data <- read.csv(file.path(folder, paste0(work, ".csv")))
items <- setdiff(names(data), "gender")
big_five <- "A =~ A1 + A2 + A3 + A4 + A5\nC =~ C1 + C2 + C3 + C4 + C5\nE =~ E1 + E2 + E3 + E4 + E5\nN =~ N1 + N2 + N3 + N4 + N5\nO =~ O1 + O2 + O3 + O4 + O5"
lower <- function(x) x[lower.tri(x)]
fitted <- function(fit) c(parameterEstimates(fit)$est, parameterEstimates(fit)$se, fitMeasures(fit)[c("chisq", "cfi", "rmsea", "srmr")])
null <- function(...) suppressMessages(suppressWarnings(invisible(capture.output(...))))
mixed <- function(formula) { fit <- lme4::lmer(formula, data); c(lme4::fixef(fit), sqrt(diag(as.matrix(vcov(fit)))), logLik(fit)) }
works <- list(
  polychoric_bfi = function() lower(lavCor(data, ordered = items)),
  polychoric_wide = function() lower(lavCor(data, ordered = items)),
  parallel_bfi = function() { null(found <- fa.parallel(data, n.iter = 100, plot = FALSE, fa = "both")); c(found$pc.values) },
  alpha_bootstrap = function() { null(found <- psych::alpha(data, n.iter = 1000, check.keys = FALSE)); found$total$raw_alpha },
  alpha_long = function() { null(found <- psych::alpha(data, check.keys = FALSE)); found$total$raw_alpha },
  omega_hierarchical = function() { null(found <- psych::omega(data, nfactors = 5, plot = FALSE)); found$omega_h },
  efa_oblimin = function() { null(found <- psych::fa(data, nfactors = 5, rotate = "oblimin")); sort(found$communality) },
  cfa_ml = function() fitted(cfa(big_five, data)),
  cfa_mlr = function() fitted(cfa(big_five, data, estimator = "MLR")),
  cfa_wlsmv = function() fitted(cfa(big_five, data, ordered = items, estimator = "WLSMV")),
  cfa_fiml = function() fitted(cfa(big_five, data, missing = "ml")),
  cfa_bootstrap = function() { fit <- cfa(big_five, data, se = "bootstrap", bootstrap = 500); parameterEstimates(fit)$est },
  invariance = function() {
    fits <- list(cfa(big_five, data, group = "gender"), cfa(big_five, data, group = "gender", group.equal = "loadings"),
                 cfa(big_five, data, group = "gender", group.equal = c("loadings", "intercepts")),
                 cfa(big_five, data, group = "gender", group.equal = c("loadings", "intercepts", "residuals")))
    c(sapply(fits, function(fit) fitMeasures(fit)[c("chisq", "cfi", "rmsea", "srmr")]))
  },
  mixed_intercept = function() mixed(y ~ x + z + (1 | unit)),
  mixed_slope = function() mixed(y ~ x + z + (1 + x | unit)),
  modification_indices = function() { found <- modificationIndices(prepared); sort(found$mi, decreasing = TRUE)[1:20] }
)
prepared <- if (work == "modification_indices") cfa(big_five, data)
call <- works[[work]]
values <- suppressWarnings(call())
invisible(gc(reset = TRUE)); before <- sum(gc()[, 2])
invisible(suppressWarnings(call())); megabytes <- sum(gc()[, 6]) - before
seconds <- sapply(seq_len(repeats), function(at) system.time(suppressWarnings(call()))[["elapsed"]])
writeLines(jsonlite::toJSON(list(seconds = I(seconds), megabytes = megabytes, values = I(as.numeric(values)),
  versions = list(R = as.character(getRversion()), lavaan = as.character(packageVersion("lavaan")), psych = as.character(packageVersion("psych")), lme4 = as.character(packageVersion("lme4")))),
  digits = NA, auto_unbox = TRUE), file.path(folder, paste0(work, ".peer.json")))
