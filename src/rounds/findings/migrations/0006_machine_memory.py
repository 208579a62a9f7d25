"""What is remembered of a machine is called so: a watch is what is looked at without an agent of its own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("findings", "0005_what_watches_gave")]

    operations = [migrations.RenameModel("Watch", "MachineMemory")]
