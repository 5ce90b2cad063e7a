"""Airbyte's own tests for every source, over the scenarios of `acceptance-test-config.yml`."""

from pathlib import Path

from airbyte_cdk.test.standard_tests import SourceTestSuiteBase

from source_x_organic import SourceXOrganic

pytest_plugins = ["airbyte_cdk.test.standard_tests.pytest_hooks"]


class TestStandardSuite(SourceTestSuiteBase):
    # Not given a configuration, as the platform's own command does it: the source must take what each command brings.
    connector = SourceXOrganic

    @classmethod
    def get_connector_root_dir(cls) -> Path:
        return Path(__file__).parent.parent
