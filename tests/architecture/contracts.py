"""A contract of our own for import-linter: across apps, only an app's public modules are imported."""

from typing import Any

from importlinter import Contract, ContractCheck, fields, output


class PublicModulesContract(Contract):
    """An app may import another app's public modules and nothing else of it.

    `core` and `config` are not apps: the first is everybody's floor, the second wires.
    """

    apps: Any = fields.ListField(subfield=fields.StringField())
    public: Any = fields.ListField(subfield=fields.StringField())

    def check(self, graph: Any, verbose: bool) -> ContractCheck:
        private = [
            (importer, imported)
            for imported in sorted(graph.modules)
            if self._is_private(imported)
            for importer in sorted(graph.find_modules_that_directly_import(imported))
            if self._app(importer) in self.apps and self._app(importer) != self._app(imported)
        ]
        return ContractCheck(kept=not private, metadata={"private": private})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["private"]:
            output.print_error(f"{importer} imports {imported}, which is private to its app.")

    def _is_private(self, module: str) -> bool:
        app, _, rest = module.partition(".")
        return bool(app in self.apps and rest and rest.partition(".")[0] not in self.public)

    @staticmethod
    def _app(module: str) -> str:
        return module.partition(".")[0]
