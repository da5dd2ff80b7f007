"""An archive of radiographs and reports becomes a `Corpus`.

`build.build` makes one from a source of `sources.open_source`; `corpus.Corpus` opens it. Names
are imported from their modules, so that the processes of a build start without the rest.
"""
