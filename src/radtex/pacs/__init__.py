"""Speaking with a PACS over DICOMweb: what to ask for, and how not to trust what comes."""

from radtex.pacs.pacs import Pacs
from radtex.pacs.query import Query

__all__ = ["Pacs", "Query"]
