"""What every page is made of: the base page, template tags, lists, charts; it knows no stage."""
