// A mutant that is found by luck would make the score another one each night.
import fc from "fast-check"

fc.configureGlobal({ seed: 20_261_121 })
