"""What a server notes of its writers is what `etabli doctor` reads, while the server is up."""

from etabli.server import writer_figures


def test_noted_read_and_withdrawn(site, settings, alice):
    assert not writer_figures.of_running(settings.data_dir)
    figures = site.database.writers.figures()
    writer_figures.note(settings.data_dir, figures)
    writer_figures.note(settings.data_dir, figures)
    assert writer_figures.of_running(settings.data_dir) == [figures]
    writer_figures.withdraw(settings.data_dir)
    writer_figures.withdraw(settings.data_dir)
    assert not writer_figures.of_running(settings.data_dir)


def test_a_killed_process_counts_for_none(settings, site):
    left = settings.data_dir / "writers_999999999.json"
    left.write_text("{}")
    assert not writer_figures.of_running(settings.data_dir)
    assert not left.exists()
