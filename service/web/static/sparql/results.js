// The results half of the page Ask: how an answer is shown, kept as a file and asked for by programs.

/**
 * Register the views of answers (Yasgui.Yasr.registerPlugin) and set which comes first
 * (Yasgui.Yasr.defaults). Called once, before the first Yasgui is made.
 */
export function install(Yasgui) {}
